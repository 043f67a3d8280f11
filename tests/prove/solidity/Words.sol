// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CONFIGS_PER_WORD, CONFIG_BITS, ConfigWord} from "../../../contracts/types/ConfigWord.sol";
import {CoreWord} from "../../../contracts/types/CoreWord.sol";
import {ALL_LOTS_BITS, LOT_BITS, LOT_MASK, LotsWord} from "../../../contracts/types/LotsWord.sol";
import {
    ALL_EQUITY_MASK,
    EQUITY_BITS,
    EQUITY_MASK,
    StrategyWord,
    outcomeOf
} from "../../../contracts/types/StrategyWord.sol";
import {BOTS, BotConfig} from "../../../contracts/types/StrikeTypes.sol";

/// @title Packed words: every field is kept, whatever the word
contract Words {
    uint256 private constant EVEN_LOTS = ((1 << 260) - 1) / ((1 << 20) - 1) * 0x3ff;
    uint256 private constant ODD_LOTS = ((1 << 240) - 1) / ((1 << 20) - 1) * 0x3ff;
    uint256 private constant EVEN_EQUITY = ((1 << 252) - 1) / ((1 << 84) - 1) * ((1 << 42) - 1);
    uint256 private constant ODD_EQUITY = ((1 << 168) - 1) / ((1 << 84) - 1) * ((1 << 42) - 1);

    function check_lots_of_one_bot_change_no_other(uint256 raw, uint256 bot, uint256 lots, uint256 other)
        external
        pure
    {
        if (bot >= BOTS || other >= BOTS || lots > LOT_MASK) return;
        LotsWord word = LotsWord.wrap(raw);
        LotsWord changed = word.withLots(bot, lots);
        assert(changed.lotsOf(bot) == lots);
        assert(other == bot || changed.lotsOf(other) == word.lotsOf(other));
        assert(LotsWord.unwrap(changed) >> ALL_LOTS_BITS == raw >> ALL_LOTS_BITS);
    }

    function check_equity_of_one_bot_changes_no_other(uint256 raw, uint256 bot, uint256 equity, uint256 other)
        external
        pure
    {
        if (bot >= 5 || other >= 5 || equity > EQUITY_MASK) return;
        StrategyWord word = StrategyWord.wrap(raw);
        StrategyWord changed = word.withEquity(bot, equity);
        assert(changed.equityOf(bot) == equity);
        assert(other == bot || changed.equityOf(other) == word.equityOf(other));
        assert(changed.settled() == word.settled());
        assert(changed.wins() == word.wins());
    }

    /// @dev With the lemma on digits: the remainder by 2^20 - 1 of a number of 13 digits of 20 bits is their sum.
    function check_total_lots_is_a_remainder_of_pairs(uint256 raw, uint256 pair) external pure {
        LotsWord word = LotsWord.wrap(raw);
        uint256 pairs = (raw & EVEN_LOTS) + ((raw >> LOT_BITS) & ODD_LOTS);
        assert(word.total() == pairs % (2 ** 20 - 1));
        if (pair > 12) return;
        uint256 second = pair == 12 ? 0 : word.lotsOf(2 * pair + 1);
        assert((pairs >> (20 * pair)) & (2 ** 20 - 1) == word.lotsOf(2 * pair) + second);
    }

    /// @dev The same, with three digits of 84 bits.
    function check_total_equity_is_a_remainder_of_pairs(uint256 raw, uint256 pair) external pure {
        StrategyWord word = StrategyWord.wrap(raw);
        uint256 pairs = (raw & EVEN_EQUITY) + ((raw >> EQUITY_BITS) & ODD_EQUITY);
        assert(word.total() == pairs % (2 ** 84 - 1));
        if (pair > 2) return;
        uint256 second = pair == 2 ? 0 : word.equityOf(2 * pair + 1);
        assert((pairs >> (84 * pair)) & (2 ** 84 - 1) == word.equityOf(2 * pair) + second);
    }

    function check_each_bots_lots_are_capped(uint256 raw, uint256 max, uint256 bot) external pure {
        if (max > LOT_MASK || bot >= BOTS) return;
        LotsWord word = LotsWord.wrap(raw);
        uint256 lots = word.lotsOf(bot);
        assert(word.capped(max).lotsOf(bot) == (lots < max ? lots : max));
    }

    /// @dev One by one: there are only 800.
    function check_lots_of_strategies_are_their_bots() external pure {
        LotsWord full = LotsWord.wrap(type(uint256).max);
        for (uint256 strategies; strategies < 32; ++strategies) {
            for (uint256 bot; bot < BOTS; ++bot) {
                uint256 lots = full.ofStrategies(strategies).lotsOf(bot);
                assert(lots == ((strategies >> (bot / 5)) & 1 == 1 ? LOT_MASK : 0));
            }
        }
    }

    /// @dev The comparison of nine bots at once is that of each alone.
    function check_a_bot_takes_part_as_it_says(uint256 raw, bool isLong, uint256 over, uint256 index) external pure {
        if (over > 700 || index >= CONFIGS_PER_WORD) return;
        ConfigWord word = ConfigWord.wrap(raw);
        BotConfig memory config = word.configAt(index);
        bool may = config.active && (isLong ? config.longs : config.shorts) && config.minConfidenceBps <= 9300 + over;
        uint256 risk = (word.risks(isLong, over) >> (index * CONFIG_BITS)) & ((1 << CONFIG_BITS) - 1);
        assert(risk == (may ? config.riskBps : 0));
    }

    function check_a_config_is_read_as_it_was_written(
        uint256 raw,
        uint256 index,
        uint256 other,
        uint16 risk,
        uint16 confidence,
        bool longs,
        bool shorts,
        bool active
    ) external pure {
        if (risk > 10_000 || confidence < 9300 || confidence > 10_000) return;
        if (index >= CONFIGS_PER_WORD || other >= CONFIGS_PER_WORD) return;
        ConfigWord word = ConfigWord.wrap(raw);
        ConfigWord changed = word.withConfig(index, BotConfig(risk, confidence, longs, shorts, active));
        BotConfig memory read = changed.configAt(index);
        assert(read.riskBps == risk && read.minConfidenceBps == confidence);
        assert(read.longs == longs && read.shorts == shorts && read.active == active);
        uint256 shift = other * CONFIG_BITS;
        assert(other == index || (ConfigWord.unwrap(changed) >> shift) << 228 == (raw >> shift) << 228);
    }

    function check_an_outcome_counts_one_and_keeps_equity(uint256 raw, bool won) external pure {
        StrategyWord word = StrategyWord.wrap(raw);
        (uint256 settled, uint256 wins) = (word.settled(), word.wins());
        if (wins > settled) return;
        StrategyWord counted = word.counted(outcomeOf(won));
        assert(StrategyWord.unwrap(counted) & ALL_EQUITY_MASK == raw & ALL_EQUITY_MASK);
        assert(counted.wins() <= counted.settled());
        bool full = settled == (1 << 23) - 1;
        assert(counted.settled() == (full ? settled : settled + 1));
        assert(counted.wins() == (full || !won ? wins : wins + 1));
    }

    /// @dev A field of the core word that is set changes no other. `which` is the field.
    function check_core_fields_are_kept(uint256 word, uint256 which, uint256 value) external pure {
        CoreWord before = CoreWord.wrap(word);
        CoreWord changed;
        if (which == 0) changed = before.withUnitExponent(value);
        else if (which == 1) changed = before.withDust(value);
        else if (which == 2) changed = before.withThresholdOverBps(value);
        else if (which == 3) changed = before.withBestBits(value);
        else if (which == 4) changed = before.withWorstBits(value);
        else if (which == 5) changed = before.withOutcome(value & 1 == 1);
        else if (which == 6) changed = before.withHighWater(value);
        else if (which == 7) changed = before.withLot(value);
        else if (which == 8) changed = before.withOpened(value);
        else if (which == 9) changed = before.withClosed(value);
        else return;
        assert(changed.isPaused() == before.isPaused() && changed.isHalted() == before.isHalted());
        assert(which == 1 ? changed.dust() == value & 0xff : changed.dust() == before.dust());
        assert(which == 2 || changed.thresholdOverBps() == before.thresholdOverBps());
        uint256 losses = before.recentLosses();
        if (which == 5) losses = uint40((losses << 1) | (value & 1 ^ 1));
        assert(changed.recentLosses() == losses);
        assert(which == 6 || changed.highWater() == before.highWater());
        assert(which == 7 || changed.lot() == before.lot());
        assert(which == 8 || changed.lastStrikeId() == before.lastStrikeId());
        uint256 bit = 1 << (value % 64);
        if (which == 8) assert(changed.openBitmap() == before.openBitmap() | bit && changed.isOpen(value));
        else if (which == 9) assert(changed.openBitmap() == before.openBitmap() & ~bit && !changed.isOpen(value));
        else assert(changed.openBitmap() == before.openBitmap());
    }
}
