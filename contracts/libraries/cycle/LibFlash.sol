// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {Hop} from "../../types/AmmTypes.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {LibHop} from "./LibHop.sol";
import {LibPlan} from "./LibPlan.sol";
import {LibSwap} from "../strike/LibSwap.sol";
import {UniswapV2} from "../venues/UniswapV2.sol";
import {UniswapV3} from "../venues/UniswapV3.sol";
import {UniswapV4} from "../venues/UniswapV4.sol";

/// @title A cycle of swaps without capital: one pool gives first and is paid last
/// @dev Who gives first, and who is paid when:
///
/// - One pool, the *giver*, gives its output before it is paid. Any of Uniswap's can; Balancer's cannot.
/// - The hops behind it, the *tail*, follow one by one, each on what the one before gave, until there is the token that
///   the cycle starts in. Whether that is enough is decided here, before anything is paid.
/// - That token pays the hops before the giver, the *lead*, and the last of those pays the giver. What the giver is due
///   must be known when it gives, so that the lead has only pools which tell beforehand: V2 and Balancer.
/// - Where no pool can give first, all hops are tail, and the first is paid from the AMM bots' capital.
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
        plan.held = SafeTransferLib.balanceOf(tokenIn, address(this));
        plan.giver = giverOf(hops);
        _foretell(plan, hops);
        if (plan.giver == hops.length) {
            profit = _onCapital(plan, hops) - amountIn;
        } else {
            LibPlan.store(plan, hops);
            address manager = _managerOf(hops);
            if (manager == address(0)) ask(plan, hops);
            else _unlock(manager);
            profit = LibPlan.result() - amountIn;
        }
        uint256 measured = SafeTransferLib.balanceOf(tokenIn, address(this));
        // That the balance was read before the swaps is what makes this a measure. All that trades is guarded.
        // slither-disable-next-line reentrancy-balance
        if (measured != plan.held + profit) {
            revert IAMMBot.ProfitMismatch(tokenIn, measured, plan.held + profit);
        }
    }

    /// @dev The first hop that gives first if asked, but past V2 pairs as far as that needs no one's word: they pay each
    /// other, so that most tokens never pass through the diamond.
    /// @return giver As many as there are hops where none can.
    function giverOf(Hop[] memory hops) internal pure returns (uint256 giver) {
        uint256 count = hops.length;
        while (giver < count && LibHop.isBalancer(hops[giver].venue)) ++giver;
        while (giver + 1 < count && hops[giver].venue == Venue.UniswapV2 && !LibHop.isBalancer(hops[giver + 1].venue)) {
            ++giver;
        }
    }

    /// @dev Has a V2 or V3 giver give. It calls back.
    function ask(LibPlan.Plan memory plan, Hop[] memory hops) internal {
        Hop memory hop = hops[plan.giver];
        (address to, uint256 held) = LibPlan.open(plan, hops, plan.giver);
        LibPlan.storePassing(held);
        if (hop.venue == Venue.UniswapV3) {
            LibSwap.expect(hop.pool, LibSwap.FLASH_V3);
            UniswapV3.swapTo(hop.pool, to, hop.zeroForOne, LibPlan.due(plan, hops));
        } else {
            LibSwap.expect(hop.pool, LibSwap.FLASH_V2);
            // A pair calls back to whom it gives, where there is data, whatever it is.
            UniswapV2.take(hop.pool, hop.zeroForOne, hop.gives, to, hex"00");
        }
        LibSwap.requireTurnTaken(hop.pool);
    }

    function requireProfit(LibPlan.Plan memory plan, uint256 back) internal pure {
        if (back < plan.amountIn || back - plan.amountIn < plan.minProfit || back == plan.amountIn) {
            revert IAMMBot.NotProfitable(plan.amountIn, int256(back) - int256(plan.amountIn), plan.minProfit);
        }
    }

    /// @dev All hops are Balancer's: each on what the one before gave.
    /// @return amount What came back of the first token.
    function _onCapital(LibPlan.Plan memory plan, Hop[] memory hops) private returns (uint256 amount) {
        amount = plan.amountIn;
        uint256 held = plan.held - amount;
        for (uint256 i; i < hops.length; ++i) {
            address tokenOut = LibPlan.tokenAfter(hops, i);
            bool isLast = i + 1 == hops.length;
            uint256 heldOut = isLast ? plan.held - plan.amountIn : SafeTransferLib.balanceOf(tokenOut, address(this));
            amount = LibHop.swapBalancer(hops[i], tokenOut, amount, held, address(this));
            LibHop.requireArrived(tokenOut, heldOut, amount);
            held = heldOut;
        }
        requireProfit(plan, amount);
    }

    function _unlock(address manager) private {
        LibSwap.expect(manager, LibSwap.UNLOCK);
        UniswapV4.unlock(manager);
        LibSwap.requireTurnTaken(manager);
    }

    /// @dev What each hop of the lead, and a V2 giver, will give.
    function _foretell(LibPlan.Plan memory plan, Hop[] memory hops) private {
        if (plan.giver == hops.length) return;
        uint256 amount = plan.amountIn;
        for (uint256 i; i <= plan.giver; ++i) {
            if (i == plan.giver && hops[i].venue != Venue.UniswapV2) return;
            amount = LibHop.quote(hops[i], LibPlan.tokenAfter(hops, i), amount);
            hops[i].gives = amount;
        }
    }

    /// @return manager Zero where there is no V4 pool.
    function _managerOf(Hop[] memory hops) private pure returns (address manager) {
        for (uint256 i; i < hops.length; ++i) {
            if (hops[i].venue != Venue.UniswapV4) continue;
            if (manager != address(0) && manager != hops[i].pool) revert IAMMBot.SecondManager(hops[i].pool);
            manager = hops[i].pool;
        }
    }
}
