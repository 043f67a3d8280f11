// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {Hop} from "../../types/AmmTypes.sol";
import {LibAmm} from "./LibAmm.sol";
import {LibFlash} from "./LibFlash.sol";
import {LibPlan} from "./LibPlan.sol";
import {LibToken} from "../venues/LibToken.sol";
import {LibVenue} from "../venues/LibVenue.sol";

/// @title A running arbitrage, in the callback of the pool or manager that it waits for
/// @dev LibFlash says what the words mean.
library LibResume {
    /// @dev V4's manager calls back: it is unlocked.
    // Slither takes the assembly that names a storage slot for a write to it. Nothing is written here.
    // slither-disable-next-line reentrancy-no-eth,reentrancy-eth
    function unlocked() internal {
        (LibPlan.Plan memory plan, Hop[] memory hops) = LibPlan.load();
        Hop memory hop = hops[plan.flashHop];
        if (!LibVenue.hasManager(hop.venue)) {
            LibFlash.ask(plan, hops);
            return;
        }
        (address to, uint256 balanceBefore) = LibPlan.open(plan, hops, plan.flashHop);
        address tokenOut = LibPlan.tokenAfter(hops, plan.flashHop);
        uint256 delivered = _swap(hop, tokenOut, LibPlan.due(plan, hops), 0, to);
        _goOn(plan, hops, balanceBefore, delivered);
    }

    /// @dev A V3 pool's callback: it delivered `delivered` first and is owed `owed`.
    function v3(uint256 owed, uint256 delivered) internal {
        (LibPlan.Plan memory plan, Hop[] memory hops) = LibPlan.load();
        uint256 due = LibPlan.due(plan, hops);
        if (owed < due) revert ISwapCallback.PartialFill(owed, due);
        if (owed > due) revert ISwapCallback.CallbackAmountExceeded(owed, due);
        _goOn(plan, hops, LibPlan.passing(), delivered);
    }

    /// @dev A V2 pair's callback: it delivered `delivered` first.
    function v2(uint256 delivered) internal {
        (LibPlan.Plan memory plan, Hop[] memory hops) = LibPlan.load();
        uint256 expected = hops[plan.flashHop].amountOut;
        if (delivered != expected) revert ISwapCallback.CallbackAmountMismatch(delivered, expected);
        _goOn(plan, hops, LibPlan.passing(), delivered);
    }

    /// @dev The flash pool delivered: on with the tail, then back to the lead.
    /// @param balanceBefore Of what it delivered at the diamond before, where that is where it is.
    // Slither takes the assembly that names a storage slot for a write to it. Nothing is written here.
    // slither-disable-next-line reentrancy-no-eth,reentrancy-eth
    function _goOn(LibPlan.Plan memory plan, Hop[] memory hops, uint256 balanceBefore, uint256 delivered) private {
        LibPlan.close(plan, hops, plan.flashHop, balanceBefore, delivered);
        uint256 amount = delivered;
        for (uint256 i = plan.flashHop + 1; i < hops.length; ++i) {
            (address to, uint256 nextBefore) = LibPlan.open(plan, hops, i);
            amount = _swap(hops[i], LibPlan.tokenAfter(hops, i), amount, balanceBefore, to);
            LibPlan.close(plan, hops, i, nextBefore, amount);
            balanceBefore = nextBefore;
        }
        LibFlash.requireProfit(plan, amount);
        LibPlan.storeResult(amount);
        _payFlashPool(plan, hops);
    }

    /// @dev With the first token itself, or by way of the lead.
    function _payFlashPool(LibPlan.Plan memory plan, Hop[] memory hops) private {
        uint256 amount = plan.amountIn;
        uint256 previousBefore;
        for (uint256 i; i <= plan.flashHop; ++i) {
            Hop memory hop = hops[i];
            bool looks = i == plan.flashHop && LibVenue.seesItsPay(hop.venue);
            (address to, uint256 balanceBefore) = looks ? (hop.pool, uint256(0)) : LibVenue.open(hop);
            if (i != 0) {
                uint256 delivered = _swap(hops[i - 1], hop.tokenIn, amount, previousBefore, to);
                amount = hops[i - 1].amountOut;
                if (delivered != amount) revert IAMMBot.OutputMismatch(hops[i - 1].pool, delivered, amount);
            } else if (to == address(this)) {
                balanceBefore -= amount;
            } else {
                LibToken.transfer(hop.tokenIn, to, amount);
            }
            if (!looks) LibVenue.close(hop, balanceBefore, amount);
            previousBefore = balanceBefore;
        }
    }

    function _swap(Hop memory hop, address tokenOut, uint256 amount, uint256 balanceBefore, address to)
        private
        returns (uint256)
    {
        return LibVenue.swap(hop, LibAmm.recordOf(hop.id), tokenOut, amount, balanceBefore, to);
    }
}
