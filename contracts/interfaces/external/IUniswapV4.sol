// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What names a pool of Uniswap V4. Currencies in order; zero is ether.
struct PoolKey {
    address currency0;
    address currency1;
    uint24 fee;
    int24 tickSpacing;
    address hooks;
}

/// @param amountSpecified Negative: exact input. Positive: exact output.
struct SwapParams {
    bool zeroForOne;
    int256 amountSpecified;
    uint160 sqrtPriceLimitX96;
}

/// @notice The part of Uniswap V4's manager that is needed here.
interface IPoolManager {
    function unlock(bytes calldata data) external returns (bytes memory result);

    /// @return delta What the pool gives, or where negative takes, of currency0 in the upper half and of currency1.
    function swap(PoolKey memory key, SwapParams memory params, bytes calldata hookData) external returns (int256 delta);

    function sync(address currency) external;

    function take(address currency, address to, uint256 amount) external;

    function settle() external payable returns (uint256 paid);

    function extsload(bytes32 slot) external view returns (bytes32 value);
}
