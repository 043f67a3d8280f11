// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {BatchSwapStep, FundManagement, SingleSwap} from "../libraries/venues/BalancerV2.sol";

/// @title A vault in the shape of Balancer V2's, with its factory and a weighted pool, that cheat
/// @dev Trades any two tokens at a price that anyone sets, out of what it holds.
contract HostileVault {
    using SafeERC20 for IERC20;

    enum Mode {
        Honest,
        LeavesSome,
        TakesMore,
        PaysLess,
        SaysMore,
        QuotesMore,
        CallsOut
    }

    uint256 private constant ONE = 1e18;

    address public immutable token0;
    uint256 public constant getSwapFeePercentage = 0;

    Mode public mode;
    /// @notice The greater token for one of the lesser, times 2^96.
    uint256 public priceX96;
    address private target;
    bytes private call;

    event CalledOut(bool ok, bytes result);

    constructor(address token0_, uint256 priceX96_) {
        (token0, priceX96) = (token0_, priceX96_);
    }

    /// @dev The call is made before a swap, where the mode says so.
    function behave(Mode mode_, address target_, bytes calldata call_) external {
        (mode, target, call) = (mode_, target_, call_);
    }

    function relay(address target_, bytes calldata call_) external {
        // slither-disable-next-line low-level-calls
        (bool ok, bytes memory result) = target_.call(call_);
        emit CalledOut(ok, result);
    }

    function swap(SingleSwap calldata wanted, FundManagement calldata funds, uint256, uint256)
        external
        returns (uint256 amountOut)
    {
        if (mode == Mode.CallsOut) this.relay(target, call);
        amountOut = _output(wanted.assetIn, wanted.amount);
        uint256 takes = wanted.amount;
        if (mode == Mode.LeavesSome) takes -= 1;
        if (mode == Mode.TakesMore) takes += 1;
        // slither-disable-next-line arbitrary-send-erc20
        IERC20(wanted.assetIn).safeTransferFrom(funds.sender, address(this), takes);
        IERC20(wanted.assetOut).safeTransfer(funds.recipient, mode == Mode.PaysLess ? amountOut - 1 : amountOut);
        if (mode == Mode.SaysMore) amountOut += 1;
    }

    function queryBatchSwap(uint8, BatchSwapStep[] calldata swaps, address[] calldata assets, FundManagement calldata)
        external
        view
        returns (int256[] memory deltas)
    {
        deltas = new int256[](2);
        uint256 amountOut = _output(assets[0], swaps[0].amount);
        if (mode == Mode.QuotesMore) amountOut += 1;
        (deltas[0], deltas[1]) = (int256(swaps[0].amount), -int256(amountOut));
    }

    function getVault() external view returns (address) {
        return address(this);
    }

    function getPoolId() external view returns (bytes32) {
        return bytes32(bytes20(address(this)));
    }

    function getPool(bytes32) external view returns (address, uint8) {
        return (address(this), 0);
    }

    function getPoolTokenInfo(bytes32, address token) external view returns (uint256, uint256, uint256, address) {
        return (IERC20(token).balanceOf(address(this)), 0, 0, address(0));
    }

    function isPoolFromFactory(address) external pure returns (bool) {
        return true;
    }

    function getNormalizedWeights() external pure returns (uint256[] memory weights) {
        weights = new uint256[](2);
        (weights[0], weights[1]) = (ONE / 2, ONE / 2);
    }

    function _output(address assetIn, uint256 amount) private view returns (uint256) {
        return assetIn == token0 ? amount * priceX96 >> 96 : (amount << 96) / priceX96;
    }
}
