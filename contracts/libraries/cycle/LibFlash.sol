// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {Hop} from "../../types/AmmTypes.sol";
import {LibAmm} from "./LibAmm.sol";
import {LibPlan} from "./LibPlan.sol";
import {LibCallback} from "./LibCallback.sol";
import {LibToken} from "../venues/LibToken.sol";
import {LibVenue} from "../venues/LibVenue.sol";

/// @title A cycle of swaps without capital: a flash pool pays out first and is paid last
/// @dev Which pool pays out first, and which is paid when:
///
/// - The *flash pool* pays its output before it is paid. Any of Uniswap's can; Balancer's cannot.
/// - The hops behind it, the *tail*, follow one by one, each on what the one before delivered, until there is the token that
///   the cycle starts in. Whether that is enough is decided here, before anything is paid.
/// - That token pays the hops before the flash pool, the *lead*, and the last of those pays the flash pool. What it is due
///   must be known when it pays out, so that the lead has only pools whose output is known beforehand: V2 and Balancer.
/// - Where there is no flash pool, all hops are tail, and the first is paid from the AMM bots' capital.
///
/// A V4 pool, wherever it is in the cycle, needs its manager unlocked; then all of this runs in the manager's callback,
/// and what one V4 pool owes for another is never paid out. Outputs go directly to where the next hop wants them, as far
/// as it can be paid so.
///
/// Here is what comes before the first callback; LibResume goes on in it.
library LibFlash {
    /// @dev Runs the cycle, or fails.
    /// @return profit Measured.
    // Slither takes the assembly that names a storage slot for a write to it. Nothing is written here.
    // slither-disable-next-line reentrancy-no-eth
    function run(Hop[] memory hops, uint256 amountIn, uint256 minProfit) internal returns (uint256 profit) {
        address tokenIn = hops[0].tokenIn;
        LibPlan.Plan memory plan;
        plan.amountIn = amountIn;
        plan.minProfit = minProfit;
        plan.balanceBefore = SafeTransferLib.balanceOf(tokenIn, address(this));
        plan.flashHop = flashHopOf(hops);
        _foretell(plan, hops);
        if (plan.flashHop == hops.length) {
            profit = _onCapital(plan, hops) - amountIn;
        } else {
            LibPlan.store(plan, hops);
            address manager = _managerOf(hops);
            if (manager == address(0)) ask(plan, hops);
            else LibVenue.unlock(manager);
            profit = LibPlan.result() - amountIn;
        }
        uint256 measured = SafeTransferLib.balanceOf(tokenIn, address(this));
        // That the balance was read before the swaps is what makes this a measure. All that trades is guarded.
        // slither-disable-next-line reentrancy-balance
        if (measured != plan.balanceBefore + profit) {
            revert IAMMBot.ProfitMismatch(tokenIn, measured, plan.balanceBefore + profit);
        }
    }

    /// @dev The first hop that can be the flash pool, but past V2 pairs as far as that needs no one's word: they pay each
    /// other, so that most tokens never pass through the diamond.
    /// @return flashHop As many as there are hops where none can.
    function flashHopOf(Hop[] memory hops) internal pure returns (uint256 flashHop) {
        uint256 count = hops.length;
        while (flashHop < count && !LibVenue.lends(hops[flashHop].venue)) ++flashHop;
        while (
            flashHop + 1 < count && LibVenue.foretells(hops[flashHop].venue) && LibVenue.lends(hops[flashHop + 1].venue)
        ) {
            ++flashHop;
        }
    }

    /// @dev Starts a flash pool that calls back itself.
    function ask(LibPlan.Plan memory plan, Hop[] memory hops) internal {
        Hop memory hop = hops[plan.flashHop];
        (address to, uint256 balanceBefore) = LibPlan.open(plan, hops, plan.flashHop);
        LibPlan.storePassing(balanceBefore);
        LibVenue.lend(hop, LibPlan.due(plan, hops), to);
        LibCallback.requireTurnTaken(hop.pool);
    }

    function requireProfit(LibPlan.Plan memory plan, uint256 back) internal pure {
        if (back < plan.amountIn || back - plan.amountIn < plan.minProfit || back == plan.amountIn) {
            revert IAMMBot.NotProfitable(plan.amountIn, int256(back) - int256(plan.amountIn), plan.minProfit);
        }
    }

    /// @dev All hops are Balancer's: each on what the one before delivered.
    /// @return amount What came back of the first token.
    function _onCapital(LibPlan.Plan memory plan, Hop[] memory hops) private returns (uint256 amount) {
        amount = plan.amountIn;
        uint256 balanceBefore = plan.balanceBefore - amount;
        for (uint256 i; i < hops.length; ++i) {
            address tokenOut = LibPlan.tokenAfter(hops, i);
            bool isLast = i + 1 == hops.length;
            uint256 nextBefore =
                isLast ? plan.balanceBefore - plan.amountIn : SafeTransferLib.balanceOf(tokenOut, address(this));
            amount = LibVenue.swap(hops[i], LibAmm.recordOf(hops[i].id), tokenOut, amount, balanceBefore, address(this));
            LibToken.requireArrived(tokenOut, nextBefore, amount);
            balanceBefore = nextBefore;
        }
        requireProfit(plan, amount);
    }

    /// @dev The output of each hop of the lead, and of a V2 flash pool.
    function _foretell(LibPlan.Plan memory plan, Hop[] memory hops) private {
        if (plan.flashHop == hops.length) return;
        uint256 amount = plan.amountIn;
        for (uint256 i; i <= plan.flashHop; ++i) {
            if (i == plan.flashHop && !LibVenue.foretells(hops[i].venue)) return;
            amount = LibVenue.quote(hops[i], LibAmm.recordOf(hops[i].id), LibPlan.tokenAfter(hops, i), amount);
            hops[i].amountOut = amount;
        }
    }

    /// @return manager Zero where no pool has one.
    function _managerOf(Hop[] memory hops) private pure returns (address manager) {
        for (uint256 i; i < hops.length; ++i) {
            if (!LibVenue.hasManager(hops[i].venue)) continue;
            if (manager != address(0) && manager != hops[i].pool) revert IAMMBot.SecondManager(hops[i].pool);
            manager = hops[i].pool;
        }
    }
}
