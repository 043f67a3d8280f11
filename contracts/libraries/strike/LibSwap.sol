// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {Route} from "../../types/MarketTypes.sol";
import {LibVenue} from "../venues/LibVenue.sol";

/// @title One swap on one pool, verified by balance differences
library LibSwap {
    /// @dev Swaps exactly `amountIn`. All of it must go.
    /// @return received Measured.
    function exactIn(Route memory route, uint256 amountIn) internal returns (uint256 received) {
        uint256 spent;
        (, spent, received) = _swap(route, int256(amountIn), amountIn, false);
        if (spent != amountIn) revert ISwapCallback.PartialFill(spent, amountIn);
    }

    /// @dev Swaps for exactly `amountOut`. All of it must come.
    /// @return spent Measured; at most `maxIn`, since the callback pays no more.
    function exactOut(Route memory route, uint256 amountOut, uint256 maxIn) internal returns (uint256 spent) {
        uint256 received;
        (, spent, received) = _swap(route, -int256(amountOut), maxIn, false);
        if (received != amountOut) revert ISwapCallback.PartialFill(received, amountOut);
    }

    /// @dev Buys `amountOut` back, or what `maxIn` buys where that does not suffice: a short's loss ends at its
    /// margin.
    function buyBack(Route memory route, uint256 amountOut, uint256 maxIn)
        internal
        returns (uint256 spent, uint256 received)
    {
        bool ok;
        (ok, spent, received) = _swap(route, -int256(amountOut), maxIn, true);
        if (!ok) {
            (spent, received) = (maxIn, exactIn(route, maxIn));
            // It suffices: the pool, or hooks of it, refused for a reason of their own.
            if (received <= amountOut) return (spent, received);
        }
        if (received != amountOut) revert ISwapCallback.PartialFill(received, amountOut);
    }

    /// @dev The manager of a pool that is swapped on calls back: it is unlocked.
    function unlocked() internal {
        LibVenue.unlocked();
    }

    function _swap(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        private
        returns (bool ok, uint256 spent, uint256 received)
    {
        uint256 balanceIn = SafeTransferLib.balanceOf(route.tokenIn, address(this));
        uint256 balanceOut = SafeTransferLib.balanceOf(route.tokenOut, address(this));
        uint256 owed;
        uint256 stated;
        (ok, owed, stated) = LibVenue.trade(route, amountSpecified, allowed, mayFail);
        // A balance that moved the wrong way counts as none, and is refused below by name.
        spent = FixedPointMathLib.zeroFloorSub(balanceIn, SafeTransferLib.balanceOf(route.tokenIn, address(this)));
        received = FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(route.tokenOut, address(this)), balanceOut);
        // That the balances were read before the call is what makes this a measure. All that swaps is guarded.
        // slither-disable-start reentrancy-balance
        // A token that charges its sender would take more than the strike's lots cover.
        if (spent > allowed) revert ISwapCallback.UnfaithfulToken(route.tokenIn, spent, allowed);
        // Tokens that someone gave while the diamond bought are a donation, and no cheaper price.
        if (amountSpecified < 0 && spent < owed) revert ISwapCallback.UnfaithfulToken(route.tokenIn, spent, owed);
        // One that takes a fee on its way here would take one on its way back too, and trap the strike.
        if (received != stated) revert ISwapCallback.UnfaithfulToken(route.tokenOut, received, stated);
        // slither-disable-end reentrancy-balance
    }
}
