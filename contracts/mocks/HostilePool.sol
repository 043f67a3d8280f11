// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ISwapCallback} from "../interfaces/ISwapCallback.sol";

/// @title A pool in the shape of Uniswap V3, and the factory that confirms it, that cheat
/// @dev Trades at a price that anyone sets, out of what it holds.
contract HostilePool {
    using SafeERC20 for IERC20;

    enum Mode {
        Honest,
        TakesNothing,
        AsksTwice,
        AsksTooMuch,
        PaysLess,
        SaysLess,
        FillsHalf,
        CallsOutFirst,
        CallsOutLast,
        Refuses
    }

    address public token0;
    address public token1;
    uint24 public constant fee = 500;

    Mode public mode;
    /// @notice Token1 for a token0, times 2^96.
    uint256 public priceX96;
    address private target;
    bytes private call;

    event CalledOut(bool ok, bytes result);

    error Refused();

    constructor(address token0_, address token1_, uint256 priceX96_) {
        (token0, token1, priceX96) = (token0_, token1_, priceX96_);
    }

    function setPrice(uint256 priceX96_) external {
        priceX96 = priceX96_;
    }

    /// @dev As a proxy's owner could: from now on it is a pool of other tokens.
    function turn(address token0_, address token1_) external {
        (token0, token1) = (token0_, token1_);
    }

    /// @dev The call is made in the two modes that call out.
    function behave(Mode mode_, address target_, bytes calldata call_) external {
        (mode, target, call) = (mode_, target_, call_);
    }

    /// @dev Calls whatever anyone wants called, in its own name: so that it can speak out of its turn.
    function relay(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
        _callOut();
    }

    function getPool(address, address, uint24) external view returns (address) {
        return address(this);
    }

    /// @dev Room for any window, and no price and no history: what it would say of them is unknown.
    function slot0() external pure returns (uint160, int24, uint16, uint16, uint16) {
        return (0, 0, 0, 0, type(uint16).max);
    }

    function swap(address recipient, bool zeroForOne, int256 amountSpecified, uint160, bytes calldata)
        external
        returns (int256 amount0, int256 amount1)
    {
        if (mode == Mode.Refuses) revert Refused();
        (uint256 amountIn, uint256 amountOut) = _amounts(zeroForOne, amountSpecified);
        if (mode == Mode.CallsOutFirst) _callOut();
        uint256 given = mode == Mode.PaysLess ? amountOut - amountOut / 100 : amountOut;
        IERC20(zeroForOne ? token1 : token0).safeTransfer(recipient, given);
        (amount0, amount1) =
            zeroForOne ? (int256(amountIn), -int256(amountOut)) : (-int256(amountOut), int256(amountIn));
        _collect(amount0, amount1);
        if (mode == Mode.CallsOutLast) _callOut();
    }

    function _amounts(bool zeroForOne, int256 amountSpecified)
        private
        view
        returns (uint256 amountIn, uint256 amountOut)
    {
        bool exactIn = amountSpecified > 0;
        uint256 amount = uint256(exactIn ? amountSpecified : -amountSpecified);
        if (mode == Mode.FillsHalf) amount /= 2;
        // Times the price when what is given is token0's worth in token1: sold for exactly so much, or bought.
        uint256 other = zeroForOne == exactIn ? amount * priceX96 >> 96 : (amount << 96) / priceX96;
        (amountIn, amountOut) = exactIn ? (amount, other) : (other, amount);
        if (mode == Mode.SaysLess) amountOut -= amountOut / 100;
    }

    function _collect(int256 amount0, int256 amount1) private {
        if (mode == Mode.TakesNothing) return;
        (int256 asked0, int256 asked1) = mode == Mode.AsksTooMuch ? (amount0 * 3, amount1 * 3) : (amount0, amount1);
        ISwapCallback(msg.sender).uniswapV3SwapCallback(asked0, asked1, "");
        if (mode == Mode.AsksTwice) ISwapCallback(msg.sender).uniswapV3SwapCallback(asked0, asked1, "");
    }

    function _callOut() private {
        // slither-disable-next-line low-level-calls
        (bool ok, bytes memory result) = target.call(call);
        emit CalledOut(ok, result);
    }
}
