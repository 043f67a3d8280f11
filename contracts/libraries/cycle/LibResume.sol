// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {Hop} from "../../types/AmmTypes.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {LibFlash} from "./LibFlash.sol";
import {LibHop} from "./LibHop.sol";
import {LibPlan} from "./LibPlan.sol";
import {LibToken} from "../venues/LibToken.sol";

/// @title A running arbitrage, in the callback of the pool or manager that it waits for
/// @dev LibFlash says what the words mean.
library LibResume {
    /// @dev V4's manager calls back: it is unlocked.
    function unlocked() internal {
        (LibPlan.Plan memory plan, Hop[] memory hops) = LibPlan.load();
        Hop memory hop = hops[plan.giver];
        if (hop.venue != Venue.UniswapV4) {
            LibFlash.ask(plan, hops);
            return;
        }
        (address to, uint256 held) = LibPlan.open(plan, hops, plan.giver);
        address tokenOut = LibPlan.tokenAfter(hops, plan.giver);
        uint256 gave = LibHop.swap(hop, tokenOut, LibPlan.due(plan, hops), 0, to);
        _goOn(plan, hops, held, gave);
    }

    /// @dev A V3 pool's callback: it gave `gave` first and is owed `owed`.
    function v3(uint256 owed, uint256 gave) internal {
        (LibPlan.Plan memory plan, Hop[] memory hops) = LibPlan.load();
        uint256 due = LibPlan.due(plan, hops);
        if (owed < due) revert ISwapCallback.PartialFill(owed, due);
        if (owed > due) revert ISwapCallback.CallbackAmountExceeded(owed, due);
        _goOn(plan, hops, LibPlan.passing(), gave);
    }

    /// @dev A V2 pair's callback: it gave `gave` first.
    function v2(uint256 gave) internal {
        (LibPlan.Plan memory plan, Hop[] memory hops) = LibPlan.load();
        uint256 expected = hops[plan.giver].gives;
        if (gave != expected) revert ISwapCallback.CallbackAmountMismatch(gave, expected);
        _goOn(plan, hops, LibPlan.passing(), gave);
    }

    /// @dev The giver gave: on with the tail, then back to the lead.
    /// @param held Of what it gave at the diamond before, where that is where it is.
    function _goOn(LibPlan.Plan memory plan, Hop[] memory hops, uint256 held, uint256 gave) private {
        LibPlan.close(plan, hops, plan.giver, held, gave);
        uint256 amount = gave;
        for (uint256 i = plan.giver + 1; i < hops.length; ++i) {
            (address to, uint256 heldOut) = LibPlan.open(plan, hops, i);
            amount = LibHop.swap(hops[i], LibPlan.tokenAfter(hops, i), amount, held, to);
            LibPlan.close(plan, hops, i, heldOut, amount);
            held = heldOut;
        }
        LibFlash.requireProfit(plan, amount);
        LibPlan.storeResult(amount);
        _payGiver(plan, hops);
    }

    /// @dev With the first token itself, or by way of the lead.
    function _payGiver(LibPlan.Plan memory plan, Hop[] memory hops) private {
        uint256 amount = plan.amountIn;
        uint256 heldBefore;
        for (uint256 i; i <= plan.giver; ++i) {
            Hop memory hop = hops[i];
            // A V3 pool that gave first looks itself what came, like a V2 pair.
            bool looks = i == plan.giver && hop.venue == Venue.UniswapV3;
            (address to, uint256 held) = looks ? (hop.pool, uint256(0)) : LibHop.open(hop);
            if (i != 0) {
                uint256 gave = LibHop.swap(hops[i - 1], hop.tokenIn, amount, heldBefore, to);
                amount = hops[i - 1].gives;
                if (gave != amount) revert IAMMBot.OutputMismatch(hops[i - 1].pool, gave, amount);
            } else if (to == address(this)) {
                held -= amount;
            } else {
                LibToken.transfer(hop.tokenIn, to, amount);
            }
            if (!looks) LibHop.close(hop, held, amount);
            heldBefore = held;
        }
    }
}
