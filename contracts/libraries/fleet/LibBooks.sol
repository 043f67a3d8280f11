// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IFleet} from "../../interfaces/IFleet.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {LotsWord} from "../../types/LotsWord.sol";
import {MarketState} from "../../types/MarketState.sol";
import {RulesWord} from "../../types/RulesWord.sol";
import {BOTS, BOTS_PER_STRATEGY, STRATEGIES, STRIKE_SLOTS} from "../../types/StrikeTypes.sol";
import {StrategyWord} from "../../types/StrategyWord.sol";
import {StrikeWord} from "../../types/StrikeWord.sol";
import {LibAmm} from "../cycle/LibAmm.sol";
import {LibFleet} from "./LibFleet.sol";
import {LibMarket} from "../market/LibMarket.sol";
import {LibReference} from "../market/LibReference.sol";
import {LibScore} from "./LibScore.sol";
import {LibStrike} from "../strike/LibStrike.sol";
import {LibTreasury} from "../treasury/LibTreasury.sol";

/// @title The books as a whole: what the diamond owes to whom
/// @dev Sums over the at most 64 open strikes instead of keeping totals, so that a strike pays for no total.
library LibBooks {
    uint256 private constant PERFORMANCE_FROM_BPS = 8000;
    uint256 private constant FLOOR_BPS = 300;
    uint256 private constant CEILING_BPS = 1500;
    uint256 private constant COMMON_MULTIPLE = 60;

    /// @return lots What open strikes hold of each bot, in lots.
    function lockedLots(CoreWord core) internal view returns (uint256[25] memory lots) {
        for (uint256 slot; slot < STRIKE_SLOTS; ++slot) {
            if (!core.isOpen(slot)) continue;
            (, LotsWord weights) = LibStrike.slotAt(slot);
            for (uint256 bot; bot < BOTS; ++bot) {
                lots[bot] += weights.lotsOf(bot);
            }
        }
    }

    /// @dev Open strikes at the best for the fleet of their markets' reference prices, so that nothing within a second
    /// makes them look worse. A strike loses at most its notional; one of which neither the oracle nor a mean says a price
    /// counts as even: the price with which a second begins is anyone's who holds the pool over the end of the one before.
    /// @param withStart Whether that price counts beside others. It can make a strike look better.
    /// @return marked Raw quote units, all together.
    /// @return unpriced Open strikes without such a price.
    /// @return overdue Open strikes that only a takeover can still win.
    function unrealised(bool withStart) internal view returns (int256 marked, uint256 unpriced, uint256 overdue) {
        CoreWord core = LibFleet.core();
        for (uint256 slot; slot < STRIKE_SLOTS; ++slot) {
            if (!core.isOpen(slot)) continue;
            (StrikeWord record, LotsWord weights) = LibStrike.slotAt(slot);
            bool long = LibStrike.isLong(weights.signal());
            MarketState state = LibMarket.stateOf(record.market());
            RulesWord rules = LibMarket.rulesOf(record.market());
            LibReference.Prices memory prices = LibReference.prices(record.market(), state, rules, record.baseAmount());
            if (block.timestamp > record.openedAt() + record.horizon() + rules.keeperDelay()) ++overdue;
            if (!withStart) prices.start = 0;
            uint256 worth = prices.oracle == 0 && prices.mean == 0 ? 0 : LibReference.extreme(prices, long);
            int256 notional = int256(weights.total() * core.lotValue());
            if (worth == 0) {
                ++unpriced;
            } else {
                int256 gain = long ? int256(worth) - notional : notional - int256(worth);
                marked += gain < -notional ? -notional : gain;
            }
        }
    }

    function openCount(CoreWord core) internal pure returns (uint256 open) {
        for (uint256 bits = core.openBitmap(); bits != 0; bits &= bits - 1) {
            ++open;
        }
    }

    function requireNoneOpen() internal view {
        CoreWord core = LibFleet.core();
        if (core.openBitmap() != 0) revert IFleet.StrikesOpen(openCount(core));
    }

    function reserve() internal view returns (uint256) {
        return LibTreasury.reserve() + LibFleet.core().dust();
    }

    /// @dev Carries the waiting dust to the reserve, so that all of it can be taken.
    function carryDust() internal {
        CoreWord core = LibFleet.core();
        if (core.dust() == 0) return;
        LibTreasury.creditSurplus(core.dust());
        LibFleet.store(core.withDust(0));
    }

    function fund(uint256[25] calldata amounts) internal {
        (uint256[25] memory units, uint256[25] memory raw, uint256 total, CoreWord core) = _units(amounts);
        carryDust();
        LibTreasury.debitReserve(total);
        LibFleet.changeEquity(units, true, lockedLots(core));
        emit IFleet.FleetFunded(total, raw);
    }

    function defund(uint256[25] calldata amounts) internal {
        (uint256[25] memory units, uint256[25] memory raw, uint256 total, CoreWord core) = _units(amounts);
        LibFleet.changeEquity(units, false, lockedLots(core));
        LibTreasury.creditReserve(total);
        emit IFleet.FleetDefunded(total, raw);
    }

    function rebalance(uint256[25] memory weights) internal {
        LibFleet.requireInitialized();
        CoreWord core = LibFleet.core();
        uint256[25] memory equity = LibFleet.rebalance(weights, lockedLots(core));
        for (uint256 bot; bot < BOTS; ++bot) {
            equity[bot] *= core.unit();
        }
        emit IFleet.Rebalanced(msg.sender, equity);
    }

    /// @dev A strategy's weight is the posterior mean of its win rate over 80 %, within its bounds. Its active bots
    /// share it: divided by their number after a common multiple of 1 to 5 has kept the digits.
    function performanceWeights() internal view returns (uint256[25] memory weights) {
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            StrategyWord word = LibFleet.strategyWord(strategy);
            uint256 mean = LibScore.posteriorBps(word.wins(), word.settled());
            uint256 weight = mean > PERFORMANCE_FROM_BPS ? mean - PERFORMANCE_FROM_BPS : 0;
            weight = Math.min(Math.max(weight, FLOOR_BPS), CEILING_BPS) * COMMON_MULTIPLE;
            _spread(weights, strategy, weight);
        }
    }

    /// @return amount What the books hold of `token`, in raw units; all above it is in no book.
    function booked(address token) internal view returns (uint256 amount) {
        CoreWord core = LibFleet.core();
        bool isQuote = token == LibTreasury.quote();
        amount = LibTreasury.inventoryOf(token) + LibAmm.capitalOf(token);
        if (isQuote) amount += reserve() + LibFleet.totalEquity() * core.unit();
        for (uint256 slot; slot < STRIKE_SLOTS; ++slot) {
            if (!core.isOpen(slot)) continue;
            (StrikeWord record, LotsWord weights) = LibStrike.slotAt(slot);
            bool long = LibStrike.isLong(weights.signal());
            uint256 notional = weights.total() * core.lotValue();
            // Equity counts what is locked: a long's was spent, a short's is there together with its proceeds.
            if (isQuote) amount = long ? amount - notional : amount + notional;
            else if (long && LibMarket.baseOf(record.market()) == token) amount += record.baseAmount();
        }
    }

    function _units(uint256[25] calldata amounts)
        private
        view
        returns (uint256[25] memory units, uint256[25] memory raw, uint256 total, CoreWord core)
    {
        LibFleet.requireInitialized();
        core = LibFleet.core();
        uint256 unit = core.unit();
        for (uint256 bot; bot < BOTS; ++bot) {
            units[bot] = amounts[bot] / unit;
            raw[bot] = units[bot] * unit;
            total += raw[bot];
        }
    }

    function _spread(uint256[25] memory weights, uint256 strategy, uint256 weight) private view {
        uint256 active;
        for (uint256 i; i < BOTS_PER_STRATEGY; ++i) {
            if (LibFleet.configOf(strategy * BOTS_PER_STRATEGY + i).active) ++active;
        }
        for (uint256 i; i < BOTS_PER_STRATEGY; ++i) {
            uint256 bot = strategy * BOTS_PER_STRATEGY + i;
            if (LibFleet.configOf(bot).active) weights[bot] = weight / active;
        }
    }
}
