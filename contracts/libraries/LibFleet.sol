// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccess} from "../interfaces/IAccess.sol";
import {IFleet} from "../interfaces/IFleet.sol";
import {IStrikeBot} from "../interfaces/IStrikeBot.sol";
import {BPS, MIN_CONFIDENCE_BPS} from "../types/AccessTypes.sol";
import {
    BOTS,
    BOTS_PER_STRATEGY,
    BotConfig,
    FleetConfig,
    FleetCore,
    FleetMarks,
    MAX_LOTS,
    STRATEGIES
} from "../types/StrikeTypes.sol";
import {BotWords} from "./BotWords.sol";
import {FleetStorage} from "./storage/FleetStorage.sol";

/// @title The 25 bots: settings, sizes, equity, breakers
/// @dev Invariant of each bot: (free lots + lots in open strikes) x lot <= equity. A strike's loss is at most its lots,
/// so equity never goes under zero and a settlement never fails for want of it.
library LibFleet {
    uint256 private constant DRAWDOWN_KEEP_BPS = 9000;
    uint256 private constant RECENT = 40;
    uint256 private constant LEAST_RECENT_WINS = 34;
    uint256 private constant MAX_UNIT_EXPONENT = 16;

    /// @param strategies Bit s: strategy s may take part.
    /// @param confidenceOverBps Confidence less 9300.
    /// @param factorBps Strength times calibration.
    struct Sizing {
        uint256 strategies;
        uint256 confidenceOverBps;
        bool isLong;
        uint256 factorBps;
        uint256 maxBotLots;
    }

    function core() internal view returns (FleetCore memory) {
        return FleetStorage.load().core;
    }

    function store(FleetCore memory value) internal {
        FleetStorage.load().core = value;
    }

    function marks() internal view returns (FleetMarks memory) {
        return FleetStorage.load().marks;
    }

    function strategyWord(uint256 strategy) internal view returns (uint256) {
        return FleetStorage.load().strategies[strategy];
    }

    function fundedOf(uint256 strategy) internal view returns (int256) {
        return FleetStorage.load().funded[strategy];
    }

    function equityOf(uint256 bot) internal view returns (uint256) {
        return BotWords.equityOf(strategyWord(bot / BOTS_PER_STRATEGY), bot % BOTS_PER_STRATEGY);
    }

    function threshold() internal view returns (uint16) {
        return MIN_CONFIDENCE_BPS + FleetStorage.load().core.thresholdOverBps;
    }

    function setThreshold(uint16 thresholdBps, uint16 least) internal {
        if (thresholdBps < least || thresholdBps > BPS) revert IAccess.ThresholdOutOfRange(thresholdBps, least);
        FleetStorage.load().core.thresholdOverBps = thresholdBps - MIN_CONFIDENCE_BPS;
        emit IAccess.ThresholdSet(thresholdBps, msg.sender);
    }

    function pause() internal {
        if (FleetStorage.load().core.paused) revert IAccess.EnforcedPause();
        FleetStorage.load().core.paused = true;
        emit IAccess.Paused(msg.sender);
    }

    function unpause() internal {
        if (!FleetStorage.load().core.paused) revert IAccess.ExpectedPause();
        FleetStorage.load().core.paused = false;
        emit IAccess.Unpaused(msg.sender);
    }

    function requireInitialized() internal view {
        if (FleetStorage.load().core.lot == 0) revert IFleet.NotInitialized();
    }

    function initialize(FleetConfig memory config) internal {
        FleetStorage.Layout storage l = FleetStorage.load();
        if (l.core.lot != 0) revert IFleet.AlreadyInitialized();
        if (config.lot == 0) revert IFleet.InvalidConfig("lot", 0);
        if (config.unitExponent > MAX_UNIT_EXPONENT) {
            revert IFleet.InvalidConfig("unitExponent", config.unitExponent);
        }
        l.core.lot = config.lot;
        l.core.unitExponent = config.unitExponent;
        for (uint256 bot; bot < BOTS; ++bot) {
            _configure(bot, config.bots[bot]);
        }
        emit IFleet.FleetInitialized(config.quote, config.unitExponent, config.lot, config.bots);
    }

    function configureBot(uint256 bot, BotConfig memory config) internal {
        if (bot >= BOTS) revert IFleet.UnknownBot(bot);
        _configure(bot, config);
        emit IFleet.BotConfigured(bot, config);
    }

    function configOf(uint256 bot) internal view returns (BotConfig memory) {
        uint256 word = FleetStorage.load().configs[bot / BotWords.CONFIGS_PER_WORD];
        return BotWords.decode(word >> (bot % BotWords.CONFIGS_PER_WORD * BotWords.CONFIG_BITS) & BotWords.CONFIG_MASK);
    }

    /// @dev Changes the bots' equity by `amounts` book units each, in (`adding`) or out. `locked` is a lots word of what
    /// open strikes hold.
    function changeEquity(uint256[25] memory amounts, bool adding, uint256[25] memory locked) internal {
        FleetStorage.Layout storage l = FleetStorage.load();
        uint256 lot = l.core.lot;
        uint256 free = l.freeLots;
        uint256 total;
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            uint256 word = l.strategies[strategy];
            uint256 moved;
            for (uint256 index; index < BOTS_PER_STRATEGY; ++index) {
                uint256 bot = strategy * BOTS_PER_STRATEGY + index;
                uint256 equity = BotWords.equityOf(word, index);
                uint256 changed = adding
                    ? _added(bot, equity, amounts[bot])
                    : _removed(bot, equity, amounts[bot], locked[bot] * lot);
                word = BotWords.withEquity(word, index, changed);
                free = BotWords.withLots(free, bot, _freeLots(changed, locked[bot], lot));
                moved += amounts[bot];
            }
            l.strategies[strategy] = word;
            l.funded[strategy] += adding ? int256(moved) : -int256(moved);
            total += moved;
        }
        l.freeLots = free;
        // The mark moves with the capital: money in or out is neither profit nor drawdown.
        uint256 high = l.marks.highWater;
        l.marks.highWater = uint64(adding ? high + total : (total < high ? high - total : 0));
    }

    function setLot(uint40 lot) internal {
        FleetStorage.Layout storage l = FleetStorage.load();
        if (lot == 0) revert IFleet.InvalidConfig("lot", 0);
        l.core.lot = lot;
        uint256 free;
        for (uint256 bot; bot < BOTS; ++bot) {
            free = BotWords.withLots(free, bot, _freeLots(equityOf(bot), 0, lot));
        }
        l.freeLots = free;
        emit IFleet.LotSet(lot);
    }

    function resume() internal {
        FleetStorage.Layout storage l = FleetStorage.load();
        if (!l.core.halted) revert IFleet.NotHalted();
        l.core.halted = false;
        l.core.recentLosses = 0;
        l.marks.highWater = uint64(totalEquity());
        emit IFleet.Resumed(l.marks.highWater);
    }

    function totalEquity() internal view returns (uint256 total) {
        for (uint256 bot; bot < BOTS; ++bot) {
            total += equityOf(bot);
        }
    }

    /// @dev Takes each participant's lots for a strike out of what it has free. One word read, one written.
    function allocate(Sizing memory sizing) internal returns (uint256 weights, uint256 total) {
        FleetStorage.Layout storage l = FleetStorage.load();
        uint256 free = l.freeLots;
        uint256 needed = BotWords.ACTIVE | (sizing.isLong ? BotWords.LONGS : BotWords.SHORTS);
        uint256 configs;
        // Unchecked: 25 products of 10, 14 and 14 bits, and a sum of 25 x 10 bits.
        unchecked {
            for (uint256 bot; bot < BOTS; ++bot) {
                if (bot % BotWords.CONFIGS_PER_WORD == 0) configs = l.configs[bot / BotWords.CONFIGS_PER_WORD];
                uint256 config = configs;
                configs >>= BotWords.CONFIG_BITS;
                if ((sizing.strategies >> (bot / BOTS_PER_STRATEGY)) & 1 == 0) continue;
                if (config & needed != needed) continue;
                uint256 least = (config >> BotWords.CONFIDENCE_SHIFT) & BotWords.CONFIDENCE_MASK;
                if (sizing.confidenceOverBps < least) continue;
                uint256 lots = BotWords.lotsOf(free, bot) * (config & BotWords.RISK_MASK) * sizing.factorBps
                    / (uint256(BPS) * BPS);
                if (lots > sizing.maxBotLots) lots = sizing.maxBotLots;
                weights |= lots << (bot * BotWords.LOT_BITS);
                total += lots;
            }
            // No field borrows from the next: each weight is at most what its field holds.
            l.freeLots = free - weights;
        }
    }

    /// @dev Splits a settlement's P&L over the bots by their weights and frees their lots. Each share is rounded down.
    /// @param pnl Book units; at least minus the strike's lots.
    /// @return shared What the bots took together, in book units.
    /// @return equity All bots' equity afterwards, in book units.
    function book(uint256 weights, uint256 total, int256 pnl, bool won, uint256 lot)
        internal
        returns (int256 shared, uint256 equity)
    {
        FleetStorage.Layout storage l = FleetStorage.load();
        uint256 free = l.freeLots;
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            uint256 word = l.strategies[strategy];
            uint256 lots = (weights >> (strategy * BOTS_PER_STRATEGY * BotWords.LOT_BITS)) & BotWords.STRATEGY_LOTS_MASK;
            bool takesPart = lots != 0;
            uint256 updated = takesPart ? BotWords.withOutcome(word, won) : word;
            for (uint256 index; index < BOTS_PER_STRATEGY; ++index) {
                uint256 old = BotWords.equityOf(word, index);
                uint256 weight = lots & BotWords.LOT_MASK;
                lots >>= BotWords.LOT_BITS;
                if (weight == 0) {
                    equity += old;
                    continue;
                }
                uint256 changed = _afterShare(old, pnl, weight, total);
                updated = BotWords.withEquity(updated, index, changed);
                free = _release(free, strategy * BOTS_PER_STRATEGY + index, weight, old / lot, changed / lot);
                shared += int256(changed) - int256(old);
                equity += changed;
            }
            if (takesPart) l.strategies[strategy] = updated;
        }
        l.freeLots = free;
    }

    /// @dev Keeps the marks and trips the breakers. Changes `value`; the caller stores it.
    function mark(FleetCore memory value, int256 pnl, bool won, uint256 equity) internal {
        value.recentLosses = (value.recentLosses << 1) | (won ? 0 : 1);
        FleetStorage.Layout storage l = FleetStorage.load();
        FleetMarks memory current = l.marks;
        bool record = true;
        if (pnl > int256(uint256(current.best))) current.best = uint64(uint256(pnl));
        else if (-pnl > int256(uint256(current.worst))) current.worst = uint64(uint256(-pnl));
        else record = false;
        if (equity > current.highWater) (current.highWater, record) = (uint64(equity), true);
        if (record) l.marks = current;
        if (value.halted) return;
        uint256 wins = recentWins(value);
        bool drawdown = equity * BPS < current.highWater * DRAWDOWN_KEEP_BPS;
        if (!drawdown && wins >= LEAST_RECENT_WINS) return;
        value.halted = true;
        emit IStrikeBot.Halted(drawdown ? bytes32("drawdown") : bytes32("winrate"), equity, current.highWater, wins);
    }

    /// @return wins Wins among the last 40 outcomes.
    function recentWins(FleetCore memory value) internal pure returns (uint256 wins) {
        wins = RECENT;
        for (uint256 losses = value.recentLosses; losses != 0; losses &= losses - 1) {
            --wins;
        }
    }

    function _configure(uint256 bot, BotConfig memory config) private {
        if (config.riskBps == 0 || config.riskBps > BPS) revert IFleet.InvalidConfig("riskBps", config.riskBps);
        if (config.minConfidenceBps < MIN_CONFIDENCE_BPS || config.minConfidenceBps > BPS) {
            revert IFleet.InvalidConfig("minConfidenceBps", config.minConfidenceBps);
        }
        uint256 shift = bot % BotWords.CONFIGS_PER_WORD * BotWords.CONFIG_BITS;
        uint256[3] storage words = FleetStorage.load().configs;
        uint256 word = words[bot / BotWords.CONFIGS_PER_WORD] & ~(BotWords.CONFIG_MASK << shift);
        words[bot / BotWords.CONFIGS_PER_WORD] = word | (BotWords.encode(config) << shift);
    }

    function _added(uint256 bot, uint256 equity, uint256 amount) private pure returns (uint256 sum) {
        sum = equity + amount;
        if (sum > BotWords.EQUITY_MASK) revert IFleet.EquityOverflow(bot, sum);
    }

    function _removed(uint256 bot, uint256 equity, uint256 amount, uint256 locked) private pure returns (uint256) {
        if (amount > equity - locked) revert IFleet.InsufficientEquity(bot, amount, equity - locked);
        return equity - amount;
    }

    function _freeLots(uint256 equity, uint256 locked, uint256 lot) private pure returns (uint256) {
        uint256 lots = equity / lot - locked;
        return lots < MAX_LOTS ? lots : MAX_LOTS;
    }

    function _afterShare(uint256 equity, int256 pnl, uint256 weight, uint256 total) private pure returns (uint256) {
        // Rounded down: towards zero for a gain, away from it for a loss.
        if (pnl < 0) return equity - (uint256(-pnl) * weight + total - 1) / total;
        uint256 sum = equity + uint256(pnl) * weight / total;
        // A bot that is full keeps what fits; the rest goes to the reserve as dust. Settling never fails for it.
        return sum < BotWords.EQUITY_MASK ? sum : BotWords.EQUITY_MASK;
    }

    function _release(uint256 free, uint256 bot, uint256 weight, uint256 oldLots, uint256 newLots)
        private
        pure
        returns (uint256)
    {
        // A loss is at most the weight, so newLots + weight >= oldLots.
        uint256 lots = BotWords.lotsOf(free, bot) + weight + newLots - oldLots;
        return BotWords.withLots(free, bot, lots < MAX_LOTS ? lots : MAX_LOTS);
    }
}
