// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAccess} from "../../interfaces/IAccess.sol";
import {IFleet} from "../../interfaces/IFleet.sol";
import {BPS, MIN_CONFIDENCE_BPS} from "../../types/AccessTypes.sol";
import {CONFIGS_PER_WORD, ConfigWord, NINE_LOTS_BITS, sizesOf} from "../../types/ConfigWord.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {LotsWord} from "../../types/LotsWord.sol";
import {SideWord, sideWordOf} from "../../types/SideWord.sol";
import {EQUITY_MASK, StrategyWord, outcomeOf, totalOfPairs} from "../../types/StrategyWord.sol";
import {
    BOTS,
    BOTS_PER_STRATEGY,
    BotConfig,
    FleetConfig,
    FleetMarks,
    MAX_LOTS,
    STATUS_PAUSED,
    STATUS_TAKEOVERS_STOPPED,
    STRATEGIES
} from "../../types/StrikeTypes.sol";
import {FleetStorage} from "../storage/FleetStorage.sol";

/// @title The 25 bots: settings, sizes, equity, status
/// @dev Invariant of each bot: (free lots + lots in open strikes) x lot <= equity. A strike's loss is at most its lots,
/// so equity never goes under zero and a settlement never fails for want of it.
library LibFleet {
    uint256 private constant MAX_UNIT_EXPONENT = 16;
    uint256 private constant CONFIG_WORDS = 3;

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

    function strategyWord(uint256 strategy) internal view returns (StrategyWord) {
        return FleetStorage.load().strategies[strategy];
    }

    function fundedOf(uint256 strategy) internal view returns (int256) {
        return FleetStorage.load().funded[strategy];
    }

    function equityOf(uint256 bot) internal view returns (uint256) {
        return strategyWord(bot / BOTS_PER_STRATEGY).equityOf(bot % BOTS_PER_STRATEGY);
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
        return FleetStorage.load().configs[bot / CONFIGS_PER_WORD].configAt(bot % CONFIGS_PER_WORD);
    }

    /// @dev Changes the bots' equity by `amounts` book units each, in (`adding`) or out.
    /// @param locked What open strikes hold of each, in lots.
    function changeEquity(uint256[25] memory amounts, bool adding, uint256[25] memory locked) internal {
        FleetStorage.Layout storage l = FleetStorage.load();
        CoreWord value = core();
        uint256 lot = value.lot();
        LotsWord free = l.freeLots;
        uint256 total;
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            StrategyWord word = l.strategies[strategy];
            uint256 moved;
            for (uint256 index; index < BOTS_PER_STRATEGY; ++index) {
                uint256 bot = strategy * BOTS_PER_STRATEGY + index;
                uint256 equity = word.equityOf(index);
                uint256 changed =
                    adding ? _added(bot, equity, amounts[bot]) : _removed(bot, equity, amounts[bot], locked[bot] * lot);
                word = word.withEquity(index, changed);
                free = free.withLots(bot, _freeLots(changed, locked[bot], lot));
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
        LotsWord free;
        for (uint256 bot; bot < BOTS; ++bot) {
            free = free.withLots(bot, _freeLots(equityOf(bot), 0, lot));
        }
        FleetStorage.load().freeLots = free;
        emit IFleet.LotSet(lot);
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
            total += strategyWord(strategy).total();
        }
    }

    /// @dev Takes each participant's lots for a strike out of what it has free. One word read, one written.
    function allocate(Sizing memory sizing) internal returns (LotsWord weights, uint256 total) {
        FleetStorage.Layout storage l = FleetStorage.load();
        LotsWord free = l.freeLots;
        LotsWord left = free.ofStrategies(sizing.strategies);
        SideWord side = l.sides[sizing.isLong ? 0 : 1];
        weights = side.allTakePart(sizing.confidenceOverBps)
            ? side.sized(left, sizing.factorBps, sizing.maxBotLots)
            : _sizedOneByOne(left, sizing);
        l.freeLots = free.without(weights);
        total = weights.total();
    }

    /// @dev Splits a settlement's P&L over the bots by their weights and frees their lots. Each share is rounded down.
    /// @param total All weights together.
    /// @param pnl Book units; at least minus the strike's lots.
    /// @return shared What the bots took together, in book units.
    /// @return equity All bots' equity afterwards, in book units.
    function book(LotsWord weights, uint256 total, int256 pnl, bool won, uint256 lot)
        internal
        returns (int256 shared, uint256 equity)
    {
        FleetStorage.Layout storage l = FleetStorage.load();
        LotsWord free = l.freeLots;
        uint256 outcome = outcomeOf(won);
        (uint256 had, uint256 has) = (0, 0);
        unchecked {
            for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
                FleetStorage.Word storage stored = FleetStorage.strategyWord(strategy);
                StrategyWord word = stored.value;
                uint256 lots = weights.ofFirstFive();
                had += word.pairs();
                if (lots == 0) {
                    free = free.turnedByFive();
                } else {
                    (word, free) = word.counted(outcome).shared(free, lots, total, uint256(pnl), lot);
                    stored.value = word;
                }
                has += word.pairs();
                weights = weights.pastFive();
            }
            equity = totalOfPairs(has);
            shared = int256(equity) - int256(totalOfPairs(had));
        }
        l.freeLots = free;
    }

    /// @dev Moves equity between bots. What a strategy gains by it was put in, not earned.
    function _setEquity(
        FleetStorage.Layout storage l,
        uint256[25] memory equity,
        uint256[25] memory locked,
        uint256 lot
    ) private {
        LotsWord free;
        for (uint256 strategy; strategy < STRATEGIES; ++strategy) {
            StrategyWord word = l.strategies[strategy];
            int256 before = int256(word.total());
            for (uint256 index; index < BOTS_PER_STRATEGY; ++index) {
                uint256 bot = strategy * BOTS_PER_STRATEGY + index;
                if (equity[bot] > EQUITY_MASK) revert IFleet.EquityOverflow(bot, equity[bot]);
                word = word.withEquity(index, equity[bot]);
                free = free.withLots(bot, _freeLots(equity[bot], locked[bot], lot));
            }
            l.strategies[strategy] = word;
            l.funded[strategy] += int256(word.total()) - before;
        }
        l.freeLots = free;
    }

    function _configure(uint256 bot, BotConfig memory config) private {
        if (config.riskBps == 0 || config.riskBps > BPS) revert IFleet.InvalidConfig("riskBps", config.riskBps);
        if (config.minConfidenceBps < MIN_CONFIDENCE_BPS || config.minConfidenceBps > BPS) {
            revert IFleet.InvalidConfig("minConfidenceBps", config.minConfidenceBps);
        }
        ConfigWord[3] storage words = FleetStorage.load().configs;
        words[bot / CONFIGS_PER_WORD] = words[bot / CONFIGS_PER_WORD].withConfig(bot % CONFIGS_PER_WORD, config);
    }

    function _added(uint256 bot, uint256 equity, uint256 amount) private pure returns (uint256 sum) {
        sum = equity + amount;
        if (sum > EQUITY_MASK) revert IFleet.EquityOverflow(bot, sum);
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
        ConfigWord[3] memory configs = l.configs;
        l.sides[0] = sideWordOf(configs, true);
        l.sides[1] = sideWordOf(configs, false);
    }

    /// @dev Where a bot of the side demands more than the confidence there is, or has a risk between two steps.
    function _sizedOneByOne(LotsWord free, Sizing memory sizing) private view returns (LotsWord) {
        (uint256 left, uint256 lots) = (LotsWord.unwrap(free), 0);
        unchecked {
            for (uint256 word; word < CONFIG_WORDS; ++word) {
                ConfigWord configs = FleetStorage.load().configs[word];
                uint256 risks = configs.risks(sizing.isLong, sizing.confidenceOverBps);
                lots |= sizesOf(left, risks, sizing.factorBps, sizing.maxBotLots) << word * NINE_LOTS_BITS;
                left >>= NINE_LOTS_BITS;
            }
        }
        return LotsWord.wrap(lots);
    }

    function _setStatus(uint8 bit, bool on) private {
        store(core().withStatus(bit, on));
    }

    function _freeLots(uint256 equity, uint256 locked, uint256 lot) private pure returns (uint256) {
        uint256 lots = equity / lot - locked;
        return lots < MAX_LOTS ? lots : MAX_LOTS;
    }
}
