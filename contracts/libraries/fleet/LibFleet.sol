// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAccess} from "../../interfaces/IAccess.sol";
import {IFleet} from "../../interfaces/IFleet.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {BPS, MIN_CONFIDENCE_BPS} from "../../types/AccessTypes.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {
    BOTS,
    BOTS_PER_STRATEGY,
    BotConfig,
    FleetConfig,
    FleetMarks,
    MAX_LOTS,
    STATUS_HALTED,
    STATUS_PAUSED,
    STATUS_TAKEOVERS_STOPPED,
    STRATEGIES
} from "../../types/StrikeTypes.sol";
import {BotWords} from "./BotWords.sol";
import {FleetStorage} from "../storage/FleetStorage.sol";

/// @title The 25 bots: settings, sizes, equity, breakers
/// @dev Invariant of each bot: (free lots + lots in open strikes) x lot <= equity. A strike's loss is at maxLots its lots,
/// so equity never goes under zero and a settlement never fails for want of it.
library LibFleet {
    uint256 private constant DRAWDOWN_KEEP_BPS = 9000;
    uint256 private constant RECENT = 40;
    uint256 private constant MIN_RECENT_WINS = 34;
    uint256 private constant MAX_UNIT_EXPONENT = 16;
    uint256 private constant BPS_SQUARED = 1e8;
    uint256 private constant CONFIG_WORDS = 3;
    uint256 private constant CONFIGS_LOTS_BITS = BotWords.CONFIGS_PER_WORD * BotWords.LOT_BITS;

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

    function core() internal view returns (CoreWord) {
        return FleetStorage.load().core;
    }

    function store(CoreWord value) internal {
        FleetStorage.load().core = value;
    }

    function marks() internal view returns (FleetMarks storage) {
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
        return uint16(MIN_CONFIDENCE_BPS + core().thresholdOverBps());
    }

    function setThreshold(uint16 thresholdBps, uint16 minBps) internal {
        if (thresholdBps < minBps || thresholdBps > BPS) revert IAccess.ThresholdOutOfRange(thresholdBps, minBps);
        store(core().withThresholdOverBps(thresholdBps - MIN_CONFIDENCE_BPS));
        emit IAccess.ThresholdSet(thresholdBps, msg.sender);
    }

    function pause() internal {
        if (core().isPaused()) revert IAccess.EnforcedPause();
        _setStatus(STATUS_PAUSED, true);
        emit IAccess.Paused(msg.sender);
    }

    function unpause() internal {
        if (!core().isPaused()) revert IAccess.ExpectedPause();
        _setStatus(STATUS_PAUSED, false);
        emit IAccess.Unpaused(msg.sender);
    }

    function requireInitialized() internal view {
        if (core().lot() == 0) revert IFleet.NotInitialized();
    }

    function initialize(FleetConfig memory config) internal {
        CoreWord value = core();
        if (value.lot() != 0) revert IFleet.AlreadyInitialized();
        if (config.lot == 0) revert IFleet.InvalidConfig("lot", 0);
        if (config.unitExponent > MAX_UNIT_EXPONENT) {
            revert IFleet.InvalidConfig("unitExponent", config.unitExponent);
        }
        store(value.withLot(config.lot).withUnitExponent(config.unitExponent));
        for (uint256 bot; bot < BOTS; ++bot) {
            _configure(bot, config.bots[bot]);
        }
        _deriveSides();
        emit IFleet.FleetInitialized(config.quote, config.unitExponent, config.lot, config.bots);
    }

    function configureBot(uint256 bot, BotConfig memory config) internal {
        requireInitialized();
        if (bot >= BOTS) revert IFleet.UnknownBot(bot);
        _configure(bot, config);
        _deriveSides();
        emit IFleet.BotConfigured(bot, config);
    }

    function configOf(uint256 bot) internal view returns (BotConfig memory) {
        uint256 word = FleetStorage.load().configs[bot / BotWords.CONFIGS_PER_WORD];
        return BotWords.decode(word >> (bot % BotWords.CONFIGS_PER_WORD * BotWords.CONFIG_BITS) & BotWords.CONFIG_MASK);
    }

    /// @dev Changes the bots' equity by `amounts` book units each, in (`adding`) or out. `locked` is a lots word of
    /// what open strikes hold.
    function changeEquity(uint256[25] memory amounts, bool adding, uint256[25] memory locked) internal {
        FleetStorage.Layout storage l = FleetStorage.load();
        CoreWord value = core();
        uint256 lot = value.lot();
        uint256 free = l.freeLots;
        uint256 total;
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            uint256 word = l.strategies[strategy];
            uint256 moved;
            for (uint256 index; index < BOTS_PER_STRATEGY; ++index) {
                uint256 bot = strategy * BOTS_PER_STRATEGY + index;
                uint256 equity = BotWords.equityOf(word, index);
                uint256 changed =
                    adding ? _added(bot, equity, amounts[bot]) : _removed(bot, equity, amounts[bot], locked[bot] * lot);
                word = BotWords.withEquity(word, index, changed);
                free = BotWords.withLots(free, bot, _freeLots(changed, locked[bot], lot));
                moved += amounts[bot];
            }
            l.strategies[strategy] = word;
            l.funded[strategy] += adding ? int256(moved) : -int256(moved);
            total += moved;
        }
        l.freeLots = free;
        // The mark moves in proportion to the capital: money in or out is neither profit nor drawdown, and changes no
        // drawdown there is. Rounded up, so that no repetition shaves it.
        uint256 has = totalEquity();
        uint256 had = adding ? has - total : has + total;
        uint256 high = had == 0 ? has : FixedPointMathLib.fullMulDivUp(value.highWater(), has, had);
        store(value.withHighWater(FixedPointMathLib.min(high, type(uint48).max)));
    }

    /// @dev Spreads what is not locked by weights. The remainder of the division goes to the first bot with a weight.
    /// @return equity Each bot's afterwards, in book units.
    function rebalance(uint256[25] memory weights, uint256[25] memory locked)
        internal
        returns (uint256[25] memory equity)
    {
        FleetStorage.Layout storage l = FleetStorage.load();
        uint256 lot = core().lot();
        uint256 pool = totalEquity();
        uint256 sum;
        for (uint256 bot; bot < BOTS; ++bot) {
            pool -= locked[bot] * lot;
            sum += weights[bot];
        }
        if (sum == 0) revert IFleet.NoWeights();
        uint256 left = pool;
        uint256 first = BOTS;
        for (uint256 bot; bot < BOTS; ++bot) {
            if (weights[bot] != 0 && first == BOTS) first = bot;
            uint256 share = pool * weights[bot] / sum;
            left -= share;
            equity[bot] = locked[bot] * lot + share;
        }
        equity[first] += left;
        _setEquity(l, equity, locked, lot);
    }

    function setLot(uint32 lot) internal {
        if (lot == 0) revert IFleet.InvalidConfig("lot", 0);
        store(core().withLot(lot));
        uint256 free;
        for (uint256 bot; bot < BOTS; ++bot) {
            free = BotWords.withLots(free, bot, _freeLots(equityOf(bot), 0, lot));
        }
        FleetStorage.load().freeLots = free;
        emit IFleet.LotSet(lot);
    }

    /// @param marked Raw quote units that open strikes add to the equity by the reference prices, or take from it. What
    /// they lose there is in the new mark already: settling them later adds no drawdown.
    function resume(int256 marked) internal {
        CoreWord value = core();
        if (!value.isHalted()) revert IFleet.NotHalted();
        uint256 lost = marked < 0 ? uint256(-marked) / value.unit() : 0;
        value = value.withStatus(STATUS_HALTED, false).withRecentLosses(0);
        value = value.withHighWater(FixedPointMathLib.zeroFloorSub(totalEquity(), lost));
        store(value);
        emit IFleet.Resumed(value.highWater() * value.unit());
    }

    /// @dev Trips the drawdown breaker where equity and what open strikes have gained or lost by now are under it.
    /// @param marked As of `resume`.
    function haltIfMarkedDown(int256 marked) internal returns (bool halted) {
        CoreWord value = core();
        if (value.isHalted()) return true;
        int256 unit = int256(value.unit());
        int256 equity = int256(totalEquity()) * unit + marked;
        int256 keep = int256(value.highWater() * DRAWDOWN_KEEP_BPS) * unit;
        if (equity * int256(uint256(BPS)) >= keep) return false;
        _setStatus(STATUS_HALTED, true);
        emit IStrikeBot.Halted(
            "marked", uint256(FixedPointMathLib.max(equity, 0)), value.highWater() * uint256(unit), recentWins(value)
        );
        return true;
    }

    function takeoversStopped() internal view returns (bool) {
        return core().takeoversStopped();
    }

    function stopTakeovers() internal {
        if (takeoversStopped()) revert IAccess.TakeoversAreStopped();
        _setStatus(STATUS_TAKEOVERS_STOPPED, true);
        emit IAccess.TakeoversStopped(msg.sender);
    }

    function allowTakeovers() internal {
        if (!takeoversStopped()) revert IAccess.TakeoversNotStopped();
        _setStatus(STATUS_TAKEOVERS_STOPPED, false);
        emit IAccess.TakeoversAllowed(msg.sender);
    }

    function totalEquity() internal view returns (uint256 total) {
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            total += BotWords.totalEquity(strategyWord(strategy));
        }
    }

    /// @dev Takes each participant's lots for a strike out of what it has free. One word read, one written.
    /// Unchecked: products of 10, 14 and 14 bits, and lots that never exceed what was free.
    function allocate(Sizing memory sizing) internal returns (uint256 weights, uint256 total) {
        FleetStorage.Layout storage l = FleetStorage.load();
        uint256 free = l.freeLots;
        uint256 left = free & BotWords.lotsOfStrategies(sizing.strategies);
        uint256 side = l.sides[sizing.isLong ? 0 : 1];
        weights = BotWords.allTakePart(side, sizing.confidenceOverBps)
            ? _sized(left, side, sizing.factorBps, sizing.maxBotLots)
            : _sizedOneByOne(left, sizing);
        unchecked {
            l.freeLots = free - weights;
            total = BotWords.totalLots(weights);
        }
    }

    /// @dev Splits a settlement's P&L over the bots by their weights and frees their lots. Each share is rounded down.
    /// @param total All weights together.
    /// @param pnl Book units; at minBps minus the strike's lots.
    /// @return shared What the bots took together, in book units.
    /// @return equity All bots' equity afterwards, in book units.
    function book(uint256 weights, uint256 total, int256 pnl, bool won, uint256 lot)
        internal
        returns (int256 shared, uint256 equity)
    {
        FleetStorage.Layout storage l = FleetStorage.load();
        uint256 free = l.freeLots;
        uint256 outcome = BotWords.outcome(won);
        (uint256 had, uint256 has) = (0, 0);
        unchecked {
            for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
                FleetStorage.Word storage stored = FleetStorage.strategyWord(strategy);
                uint256 word = stored.value;
                uint256 lots = weights & BotWords.STRATEGY_LOTS_MASK;
                had += BotWords.equityPairs(word);
                if (lots == 0) {
                    free = BotWords.turnedByStrategy(free);
                } else {
                    (word, free) = _share(BotWords.withOutcome(word, outcome), free, lots, total, uint256(pnl), lot);
                    stored.value = word;
                }
                has += BotWords.equityPairs(word);
                weights >>= BotWords.STRATEGY_LOTS_BITS;
            }
            equity = BotWords.totalOfPairs(has);
            shared = int256(equity) - int256(BotWords.totalOfPairs(had));
        }
        l.freeLots = free;
    }

    /// @dev Keeps the marks and trips the breakers.
    /// @return value The core word to store.
    function mark(CoreWord before, int256 pnl, bool won, uint256 equity) internal returns (CoreWord value) {
        value = _keepMarks(before.withRecentLosses((before.recentLosses() << 1) | (won ? 0 : 1)), pnl);
        if (equity > value.highWater()) value = value.withHighWater(equity);
        if (value.isHalted()) return value;
        uint256 wins = recentWins(value);
        bool drawdown = equity * BPS < value.highWater() * DRAWDOWN_KEEP_BPS;
        if (!drawdown && wins >= MIN_RECENT_WINS) return value;
        value = value.withStatus(STATUS_HALTED, true);
        bytes32 reason = drawdown ? bytes32("drawdown") : bytes32("winrate");
        emit IStrikeBot.Halted(reason, equity * value.unit(), value.highWater() * value.unit(), wins);
    }

    /// @dev A P&L with fewer bits than the best, or the worst, is neither: the word is not read for it.
    function _keepMarks(CoreWord value, int256 pnl) private returns (CoreWord) {
        FleetMarks storage marks_ = FleetStorage.load().marks;
        uint256 size = pnl > 0 ? uint256(pnl) : uint256(-pnl);
        if (size == 0) return value;
        uint256 bits = FixedPointMathLib.log2(size) + 1;
        if (pnl > 0) {
            if (bits < value.bestBits() || size <= marks_.best) return value;
            marks_.best = uint64(size);
            return value.withBestBits(bits);
        }
        if (bits < value.worstBits() || size <= marks_.worst) return value;
        marks_.worst = uint64(size);
        return value.withWorstBits(bits);
    }

    /// @return wins Wins among the last 40 outcomes.
    function recentWins(CoreWord value) internal pure returns (uint256 wins) {
        wins = RECENT;
        for (uint256 losses = value.recentLosses(); losses != 0; losses &= losses - 1) {
            --wins;
        }
    }

    /// @dev Moves equity between bots. What a strategy gains by it was put in, not earned.
    function _setEquity(
        FleetStorage.Layout storage l,
        uint256[25] memory equity,
        uint256[25] memory locked,
        uint256 lot
    ) private {
        uint256 free;
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            uint256 word = l.strategies[strategy];
            int256 before = int256(BotWords.totalEquity(word));
            for (uint256 index; index < BOTS_PER_STRATEGY; ++index) {
                uint256 bot = strategy * BOTS_PER_STRATEGY + index;
                if (equity[bot] > BotWords.EQUITY_MASK) revert IFleet.EquityOverflow(bot, equity[bot]);
                word = BotWords.withEquity(word, index, equity[bot]);
                free = BotWords.withLots(free, bot, _freeLots(equity[bot], locked[bot], lot));
            }
            l.strategies[strategy] = word;
            l.funded[strategy] += int256(BotWords.totalEquity(word)) - before;
        }
        l.freeLots = free;
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

    function _removed(uint256 bot, uint256 equity, uint256 amount, uint256 locked) private view returns (uint256) {
        if (amount > equity - locked) {
            uint256 unit = core().unit();
            revert IFleet.InsufficientEquity(bot, amount * unit, (equity - locked) * unit);
        }
        return equity - amount;
    }

    /// @dev What a strike is sized by where all bots of its side take part: a word a side instead of three.
    function _deriveSides() private {
        FleetStorage.Layout storage l = FleetStorage.load();
        uint256[3] memory configs = l.configs;
        l.sides[0] = BotWords.sideOf(configs, true);
        l.sides[1] = BotWords.sideOf(configs, false);
    }

    /// @dev Strategy by strategy: one none of whose bots has anything free is passed over.
    /// @param side As of `BotWords.sideOf`.
    function _sized(uint256 left, uint256 side, uint256 factor, uint256 maxLots)
        private
        pure
        returns (uint256 weights)
    {
        unchecked {
            for (uint256 shift; left != 0; shift += BotWords.STRATEGY_LOTS_BITS) {
                if (left & BotWords.STRATEGY_LOTS_MASK != 0) {
                    uint256 five = _lotsAt(left, side, factor, 0) | _lotsAt(left, side, factor, BotWords.LOT_BITS)
                        | _lotsAt(left, side, factor, 2 * BotWords.LOT_BITS)
                        | _lotsAt(left, side, factor, 3 * BotWords.LOT_BITS)
                        | _lotsAt(left, side, factor, 4 * BotWords.LOT_BITS);
                    weights |= five << shift;
                }
                left >>= BotWords.STRATEGY_LOTS_BITS;
                side >>= BotWords.STRATEGY_LOTS_BITS;
            }
        }
        return BotWords.capped(weights, maxLots);
    }

    /// @return What the bot at `shift` puts in of what it has free, in its place.
    function _lotsAt(uint256 left, uint256 side, uint256 factor, uint256 shift) private pure returns (uint256) {
        unchecked {
            uint256 share = (left >> shift & BotWords.LOT_MASK) * (side >> shift & BotWords.LOT_MASK) * factor;
            return FixedPointMathLib.rawDiv(share, BPS_SQUARED / BotWords.RISK_STEP_BPS) << shift;
        }
    }

    function _sizedOneByOne(uint256 left, Sizing memory sizing) private view returns (uint256 weights) {
        FleetStorage.Layout storage l = FleetStorage.load();
        (uint256 factor, uint256 maxLots, uint256 shift) = (sizing.factorBps, sizing.maxBotLots, 0);
        unchecked {
            for (uint256 word; word < CONFIG_WORDS; ++word) {
                uint256 risks = BotWords.risksOf(l.configs[word], sizing.isLong, sizing.confidenceOverBps);
                for (uint256 end = shift + CONFIGS_LOTS_BITS; shift != end; shift += BotWords.LOT_BITS) {
                    uint256 lots = (left & BotWords.LOT_MASK) * (risks & BotWords.RISK_MASK) * factor / BPS_SQUARED;
                    if (lots > maxLots) lots = maxLots;
                    weights |= lots << shift;
                    left >>= BotWords.LOT_BITS;
                    risks >>= BotWords.CONFIG_BITS;
                }
            }
        }
    }

    function _setStatus(uint8 bit, bool on) private {
        store(core().withStatus(bit, on));
    }

    function _freeLots(uint256 equity, uint256 locked, uint256 lot) private pure returns (uint256) {
        uint256 lots = equity / lot - locked;
        return lots < MAX_LOTS ? lots : MAX_LOTS;
    }

    /// @dev One strategy's part of a settlement. Turns both words through its five bots.
    /// Unchecked: 42-bit equity, at maxLots 10 bits of weight. A loss is at maxLots the weight in lots, which the bot has, so
    /// neither equity nor free lots go under zero. A weight of zero changes nothing.
    /// @param pnl In two's complement.
    function _share(uint256 word, uint256 free, uint256 lots, uint256 total, uint256 pnl, uint256 lot)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            uint256 equities = word & BotWords.ALL_EQUITY_MASK;
            word ^= equities;
            // A bit above the last bot's lots, which is down to 1 when all five are done.
            for (lots |= 1 << BotWords.STRATEGY_LOTS_BITS; lots != 1; lots >>= BotWords.LOT_BITS) {
                uint256 weight = lots & BotWords.LOT_MASK;
                uint256 old = equities & BotWords.EQUITY_MASK;
                // Lifted over zero by more than any bot can lose, for division to round a loss down too.
                uint256 lifted = pnl * weight + BotWords.EQUITY_MASK * total;
                uint256 changed = old + FixedPointMathLib.rawDiv(lifted, total) - BotWords.EQUITY_MASK;
                // A bot that is full keeps what fits; the rest is dust. Settling never fails for it.
                if (changed > BotWords.EQUITY_MASK) changed = BotWords.EQUITY_MASK;
                uint256 has = (free & BotWords.LOT_MASK) + weight + FixedPointMathLib.rawDiv(changed, lot)
                    - FixedPointMathLib.rawDiv(old, lot);
                if (has > MAX_LOTS) has = MAX_LOTS;
                equities = BotWords.turnedEquity(equities, changed);
                free = BotWords.turned(free, has);
            }
            return (word | equities, free);
        }
    }
}
