// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @param kind 0: the amount is what goes in. 1: what comes out.
struct SingleSwap {
    bytes32 poolId;
    uint8 kind;
    address assetIn;
    address assetOut;
    uint256 amount;
    bytes userData;
}

struct BatchSwapStep {
    bytes32 poolId;
    uint256 assetInIndex;
    uint256 assetOutIndex;
    uint256 amount;
    bytes userData;
}

struct FundManagement {
    address sender;
    bool fromInternalBalance;
    address recipient;
    bool toInternalBalance;
}

/// @notice The part of Balancer V2's vault that is needed here.
interface IBalancerVault {
    function swap(SingleSwap memory singleSwap, FundManagement memory funds, uint256 limit, uint256 deadline)
        external
        payable
        returns (uint256 amountCalculated);

    /// @notice Simulates the swaps: always reverts.
    function queryBatchSwap(
        uint8 kind,
        BatchSwapStep[] memory swaps,
        address[] memory assets,
        FundManagement memory funds
    ) external returns (int256[] memory assetDeltas);

    function getPool(bytes32 poolId) external view returns (address pool, uint8 specialization);

    /// @dev The vault returns the block of the last change too.
    function getPoolTokens(bytes32 poolId) external view returns (address[] memory tokens, uint256[] memory balances);

    function getPoolTokenInfo(bytes32 poolId, address token)
        external
        view
        returns (uint256 cash, uint256 managed, uint256 lastChangeBlock, address assetManager);
}

/// @notice The part of Balancer V2's pools that is needed here.
interface IBalancerPool {
    function getPoolId() external view returns (bytes32);

    function getSwapFeePercentage() external view returns (uint256);

    function getNormalizedWeights() external view returns (uint256[] memory);

    function getScalingFactors() external view returns (uint256[] memory);

    /// @dev The pool returns two times too.
    function getPausedState() external view returns (bool paused);

    function getAmplificationParameter() external view returns (uint256 value, bool isUpdating, uint256 precision);
}

/// @notice The part of Balancer V2's pool factories that is needed here.
interface IBalancerFactory {
    function getVault() external view returns (address);

    function isPoolFromFactory(address pool) external view returns (bool);
}
