// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BotWords} from "../../../contracts/libraries/fleet/BotWords.sol";
import {CoreWord} from "../../../contracts/types/CoreWord.sol";
import {BOTS, BotConfig} from "../../../contracts/types/StrikeTypes.sol";

/// @title Packed words: every field is kept, whatever the word
contract Words {
    uint256 private constant EVEN_LOTS = ((1 << 260) - 1) / ((1 << 20) - 1) * 0x3ff;
    uint256 private constant ODD_LOTS = ((1 << 240) - 1) / ((1 << 20) - 1) * 0x3ff;
    uint256 private constant EVEN_EQUITY = ((1 << 252) - 1) / ((1 << 84) - 1) * BotWords.EQUITY_MASK;
    uint256 private constant ODD_EQUITY = ((1 << 168) - 1) / ((1 << 84) - 1) * BotWords.EQUITY_MASK;

    function check_lots_of_one_bot_change_no_other(uint256 word, uint256 bot, uint256 lots, uint256 other)
        external
        pure
    {
        if (bot >= BOTS || other >= BOTS || lots > BotWords.LOT_MASK) return;
        uint256 changed = BotWords.withLots(word, bot, lots);
        assert(BotWords.lotsOf(changed, bot) == lots);
        assert(other == bot || BotWords.lotsOf(changed, other) == BotWords.lotsOf(word, other));
        assert(changed >> BotWords.SIGNAL_SHIFT == word >> BotWords.SIGNAL_SHIFT);
    }

    function check_equity_of_one_bot_changes_no_other(uint256 word, uint256 bot, uint256 equity, uint256 other)
        external
        pure
    {
        if (bot >= 5 || other >= 5 || equity > BotWords.EQUITY_MASK) return;
        uint256 changed = BotWords.withEquity(word, bot, equity);
        assert(BotWords.equityOf(changed, bot) == equity);
        assert(other == bot || BotWords.equityOf(changed, other) == BotWords.equityOf(word, other));
        assert(BotWords.settledOf(changed) == BotWords.settledOf(word));
        assert(BotWords.winsOf(changed) == BotWords.winsOf(word));
    }

    /// @dev With the lemma on digits: the remainder by 2^20 - 1 of a number of 13 digits of 20 bits is their sum.
    function check_total_lots_is_a_remainder_of_pairs(uint256 word, uint256 pair) external pure {
        uint256 pairs = (word & EVEN_LOTS) + ((word >> BotWords.LOT_BITS) & ODD_LOTS);
        assert(BotWords.totalLots(word) == pairs % (2 ** 20 - 1));
        if (pair > 12) return;
        uint256 second = pair == 12 ? 0 : BotWords.lotsOf(word, 2 * pair + 1);
        assert((pairs >> (20 * pair)) & (2 ** 20 - 1) == BotWords.lotsOf(word, 2 * pair) + second);
    }

    /// @dev The same, with three digits of 84 bits.
    function check_total_equity_is_a_remainder_of_pairs(uint256 word, uint256 pair) external pure {
        uint256 pairs = (word & EVEN_EQUITY) + ((word >> BotWords.EQUITY_BITS) & ODD_EQUITY);
        assert(BotWords.totalEquity(word) == pairs % (2 ** 84 - 1));
        if (pair > 2) return;
        uint256 second = pair == 2 ? 0 : BotWords.equityOf(word, 2 * pair + 1);
        assert((pairs >> (84 * pair)) & (2 ** 84 - 1) == BotWords.equityOf(word, 2 * pair) + second);
    }

    function check_each_bots_lots_are_capped(uint256 word, uint256 max, uint256 bot) external pure {
        if (max > BotWords.LOT_MASK || bot >= BOTS) return;
        uint256 lots = BotWords.lotsOf(word, bot);
        assert(BotWords.lotsOf(BotWords.capped(word, max), bot) == (lots < max ? lots : max));
    }

    /// @dev One by one: there are only 800.
    function check_lots_of_strategies_are_their_bots() external pure {
        for (uint256 strategies; strategies < 32; ++strategies) {
            for (uint256 bot; bot < BOTS; ++bot) {
                uint256 lots = BotWords.lotsOf(BotWords.lotsOfStrategies(strategies), bot);
                assert(lots == ((strategies >> (bot / 5)) & 1 == 1 ? BotWords.LOT_MASK : 0));
            }
        }
    }

    /// @dev The comparison of nine bots at once is that of each alone.
    function check_a_bot_takes_part_as_it_says(uint256 configs, bool isLong, uint256 over, uint256 index)
        external
        pure
    {
        if (over > 700 || index >= BotWords.CONFIGS_PER_WORD) return;
        uint256 shift = index * BotWords.CONFIG_BITS;
        BotConfig memory config = BotWords.decode((configs >> shift) & BotWords.CONFIG_MASK);
        bool may = config.active && (isLong ? config.longs : config.shorts) && config.minConfidenceBps <= 9300 + over;
        uint256 risk = (BotWords.risksOf(configs, isLong, over) >> shift) & BotWords.CONFIG_MASK;
        assert(risk == (may ? config.riskBps : 0));
    }

    function check_a_config_is_read_as_it_was_written(
        uint16 risk,
        uint16 confidence,
        bool longs,
        bool shorts,
        bool active
    ) external pure {
        if (risk > 10_000 || confidence < 9300 || confidence > 10_000) return;
        BotConfig memory read = BotWords.decode(BotWords.encode(BotConfig(risk, confidence, longs, shorts, active)));
        assert(read.riskBps == risk && read.minConfidenceBps == confidence);
        assert(read.longs == longs && read.shorts == shorts && read.active == active);
    }

    function check_an_outcome_counts_one_and_keeps_equity(uint256 word, bool won) external pure {
        uint256 settled = BotWords.settledOf(word);
        uint256 wins = BotWords.winsOf(word);
        if (wins > settled) return;
        uint256 counted = BotWords.withOutcome(word, BotWords.outcome(won));
        assert(counted & BotWords.ALL_EQUITY_MASK == word & BotWords.ALL_EQUITY_MASK);
        assert(BotWords.winsOf(counted) <= BotWords.settledOf(counted));
        bool full = settled == (1 << 23) - 1;
        assert(BotWords.settledOf(counted) == (full ? settled : settled + 1));
        assert(BotWords.winsOf(counted) == (full || !won ? wins : wins + 1));
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
        else if (which == 5) changed = before.withRecentLosses(value);
        else if (which == 6) changed = before.withHighWater(value);
        else if (which == 7) changed = before.withLot(value);
        else if (which == 8) changed = before.withLastStrikeId(value);
        else if (which == 9) changed = before.withOpenBitmap(value);
        else return;
        assert(changed.isPaused() == before.isPaused() && changed.isHalted() == before.isHalted());
        assert(which == 1 ? changed.dust() == value & 0xff : changed.dust() == before.dust());
        assert(which == 2 || changed.thresholdOverBps() == before.thresholdOverBps());
        assert(which == 5 || changed.recentLosses() == before.recentLosses());
        assert(which == 6 || changed.highWater() == before.highWater());
        assert(which == 7 || changed.lot() == before.lot());
        assert(which == 8 || changed.lastStrikeId() == before.lastStrikeId());
        assert(which == 9 || changed.openBitmap() == before.openBitmap());
    }
}
