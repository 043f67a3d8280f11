// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MIN_CONFIDENCE_BPS} from "../../types/AccessTypes.sol";
import {BOTS, BotConfig} from "../../types/StrikeTypes.sol";

/// @title The packed words of the books
/// @dev Side word: 25 bots' risk of 10 bits in steps of 10 basis points, bot 0 lowest; then 6 bits of what the most
/// demanding of them asks of a confidence, in steps of 12 basis points over 9300, plus 1. Zero where a risk is not a
/// whole number of steps.
/// Lots word: 25 bots of 10 bits, bot 0 lowest; 6 bits above are free (a strike keeps its signal there).
/// Strategy word: 5 bots' equity of 42 bits in book units, then 23 bits of settled strikes and 23 bits of wins.
/// Config word: 9 bots of 28 bits: risk 14, minimum confidence less 9300 10, no longs 1, no shorts 1, inactive 1, free
/// 1. What a bot does not do stands above its minimum confidence, so that one comparison asks for both.
library BotWords {
    // Repeating patterns are all ones divided by one period of ones, which leaves no remainder.
    // slither-disable-start divide-before-multiply
    uint256 internal constant LOT_BITS = 10;
    uint256 internal constant LOT_MASK = 0x3ff;
    uint256 internal constant STRATEGY_LOTS_BITS = 50;
    uint256 internal constant STRATEGY_LOTS_MASK = (1 << 50) - 1;
    uint256 internal constant ALL_LOTS_BITS = 250;
    uint256 internal constant SIGNAL_SHIFT = 250;

    /// @dev Of bots 0, 2 ... 24, and of bots 1, 3 ... 23 once shifted down to their neighbours.
    uint256 private constant EVEN_LOTS = ((1 << 260) - 1) / ((1 << 20) - 1) * LOT_MASK;
    uint256 private constant ODD_LOTS = ((1 << 240) - 1) / ((1 << 20) - 1) * LOT_MASK;

    /// @dev The lowest bit of each of them.
    uint256 private constant EACH_SECOND = ((1 << 260) - 1) / ((1 << 20) - 1);

    uint256 internal constant EQUITY_BITS = 42;
    uint256 internal constant EQUITY_MASK = (1 << 42) - 1;
    uint256 internal constant ALL_EQUITY_MASK = (1 << 210) - 1;
    uint256 private constant EVEN_EQUITY = ((1 << 252) - 1) / ((1 << 84) - 1) * EQUITY_MASK;
    uint256 private constant ODD_EQUITY = ((1 << 168) - 1) / ((1 << 84) - 1) * EQUITY_MASK;
    uint256 private constant SETTLED_SHIFT = 210;
    uint256 private constant WINS_SHIFT = 233;
    uint256 private constant COUNT_MASK = (1 << 23) - 1;

    uint256 internal constant CONFIGS_PER_WORD = 9;
    uint256 internal constant CONFIG_BITS = 28;
    uint256 internal constant CONFIG_MASK = (1 << 28) - 1;
    uint256 private constant RISK_BITS = 14;
    uint256 internal constant RISK_MASK = (1 << 14) - 1;
    /// @dev From here on, positions after the risk is shifted out.
    uint256 private constant CONFIDENCE_MASK = (1 << 10) - 1;
    uint256 private constant NO_LONGS = 1 << 10;
    uint256 private constant NO_SHORTS = 1 << 11;
    uint256 private constant INACTIVE = 1 << 12;
    /// @dev A bit above all that a bot can demand, and the lowest bit of each of a word's nine configs.
    uint256 private constant DEMANDS_BITS = 13;
    uint256 private constant OVER_DEMANDS = 1 << DEMANDS_BITS;
    uint256 private constant EACH_CONFIG = ((1 << 252) - 1) / ((1 << 28) - 1);

    uint256 internal constant RISK_STEP_BPS = 10;
    uint256 private constant DEMAND_SHIFT = 250;
    uint256 private constant DEMAND_STEP_BPS = 12;

    // slither-disable-end divide-before-multiply

    /// @return lots The bits of the free lots of the bots of `strategies`, of which bit s stands for strategy s.
    function lotsOfStrategies(uint256 strategies) internal pure returns (uint256 lots) {
        unchecked {
            // Each strategy's bit is moved to its first bot's lots, and spread from there over those of its five bots.
            return ((strategies & 1) | ((strategies & 2) << 49) | ((strategies & 4) << 98) | ((strategies & 8) << 147)
                        | ((strategies & 16) << 196)) * STRATEGY_LOTS_MASK;
        }
    }

    /// @param over What a bot may demand at most: the confidence less 9300.
    /// @return risks The config word's risks, each in its bot's 28 bits; zero of bots that do not take the side, are off
    /// or demand more.
    function risksOf(uint256 configs, bool isLong, uint256 over) internal pure returns (uint256 risks) {
        unchecked {
            uint256 asked = CONFIDENCE_MASK | INACTIVE | (isLong ? NO_LONGS : NO_SHORTS);
            uint256 demands = (configs >> RISK_BITS) & (asked * EACH_CONFIG);
            // Nine comparisons by one subtraction: the bit over a bot's demand is borrowed from when it exceeds `over`.
            uint256 takesPart = ((over | OVER_DEMANDS) * EACH_CONFIG - demands) & (OVER_DEMANDS * EACH_CONFIG);
            return configs & ((takesPart >> DEMANDS_BITS) * RISK_MASK);
        }
    }

    /// @param configs All config words.
    /// @return word The side word of longs or shorts: bots that are off, or do not take the side, have no risk.
    function sideOf(uint256[3] memory configs, bool isLong) internal pure returns (uint256 word) {
        uint256 demand;
        for (uint256 bot; bot < BOTS; ++bot) {
            uint256 shift = bot % CONFIGS_PER_WORD * CONFIG_BITS;
            BotConfig memory config = decode(configs[bot / CONFIGS_PER_WORD] >> shift & CONFIG_MASK);
            if (!config.active || !(isLong ? config.longs : config.shorts)) continue;
            if (config.riskBps % RISK_STEP_BPS != 0) return 0;
            word |= (config.riskBps / RISK_STEP_BPS) << (bot * LOT_BITS);
            uint256 over = config.minConfidenceBps - MIN_CONFIDENCE_BPS;
            if (over > demand) demand = over;
        }
        return word | ((demand + DEMAND_STEP_BPS - 1) / DEMAND_STEP_BPS + 1) << DEMAND_SHIFT;
    }

    /// @param over The confidence less 9300.
    /// @return Whether every bot of a side has its minimum confidence met, so that the side word is all that a size needs.
    function allTakePart(uint256 side, uint256 over) internal pure returns (bool) {
        unchecked {
            uint256 demand = side >> DEMAND_SHIFT;
            return demand != 0 && (demand - 1) * DEMAND_STEP_BPS <= over;
        }
    }

    function lotsOf(uint256 word, uint256 bot) internal pure returns (uint256) {
        return (word >> (bot * LOT_BITS)) & LOT_MASK;
    }

    function withLots(uint256 word, uint256 bot, uint256 lots) internal pure returns (uint256) {
        uint256 shift = bot * LOT_BITS;
        return (word & ~(LOT_MASK << shift)) | (lots << shift);
    }

    /// @dev Neighbours are added, which makes digits of 20 bits, and then the digits: as 2^20 = 1 (mod 2^20 - 1), by one
    /// division. The sum of 25 lots is far under that modulus.
    function totalLots(uint256 word) internal pure returns (uint256) {
        unchecked {
            return ((word & EVEN_LOTS) + ((word >> LOT_BITS) & ODD_LOTS)) % ((1 << 20) - 1);
        }
    }

    /// @dev Each bot's lots, or `max` where they are more. Two times 12 or 13 comparisons by one subtraction each: the bit
    /// over a bot's place is borrowed from where its lots exceed `max`.
    /// @param max At most 1023.
    function capped(uint256 word, uint256 max) internal pure returns (uint256) {
        unchecked {
            return _capped(word & EVEN_LOTS, max) | (_capped((word >> LOT_BITS) & ODD_LOTS, max) << LOT_BITS);
        }
    }

    /// @param lots Of every second bot, with 10 bits free above each.
    function _capped(uint256 lots, uint256 max) private pure returns (uint256) {
        unchecked {
            uint256 all = max * EACH_SECOND;
            uint256 within = ((all | (EACH_SECOND << LOT_BITS)) - lots) >> LOT_BITS & EACH_SECOND;
            return all ^ ((all ^ lots) & (within * LOT_MASK));
        }
    }

    /// @dev The lots word with bot 0 out of its lowest place, `lots` in the highest one, and all others a place lower:
    /// once all 25 bots have been in the lowest place, each is in its own again.
    function turned(uint256 word, uint256 lots) internal pure returns (uint256) {
        unchecked {
            return (word >> LOT_BITS) | (lots << (ALL_LOTS_BITS - LOT_BITS));
        }
    }

    /// @dev The lots word turned by a strategy's five bots, as they are.
    function turnedByStrategy(uint256 word) internal pure returns (uint256) {
        unchecked {
            return (word >> STRATEGY_LOTS_BITS) | ((word & STRATEGY_LOTS_MASK) << (ALL_LOTS_BITS - STRATEGY_LOTS_BITS));
        }
    }

    function equityOf(uint256 word, uint256 index) internal pure returns (uint256) {
        return (word >> (index * EQUITY_BITS)) & EQUITY_MASK;
    }

    function withEquity(uint256 word, uint256 index, uint256 equity) internal pure returns (uint256) {
        uint256 shift = index * EQUITY_BITS;
        return (word & ~(EQUITY_MASK << shift)) | (equity << shift);
    }

    /// @dev The equity of a strategy's five bots, summed in the way of `totalLots`.
    function totalEquity(uint256 word) internal pure returns (uint256) {
        return totalOfPairs(equityPairs(word));
    }

    /// @dev Neighbours added, in digits of 84 bits: the words of all strategies may be added before the digits are.
    function equityPairs(uint256 word) internal pure returns (uint256) {
        unchecked {
            return (word & EVEN_EQUITY) + ((word >> EQUITY_BITS) & ODD_EQUITY);
        }
    }

    function totalOfPairs(uint256 pairs) internal pure returns (uint256) {
        unchecked {
            return pairs % ((1 << 84) - 1);
        }
    }

    /// @dev Five bots' equity, turned as `turned` does lots.
    function turnedEquity(uint256 equities, uint256 equity) internal pure returns (uint256) {
        unchecked {
            return (equities >> EQUITY_BITS) | (equity << (4 * EQUITY_BITS));
        }
    }

    function settledOf(uint256 word) internal pure returns (uint256) {
        return (word >> SETTLED_SHIFT) & COUNT_MASK;
    }

    function winsOf(uint256 word) internal pure returns (uint256) {
        return word >> WINS_SHIFT;
    }

    /// @return What a strategy word grows by with one more strike settled.
    function outcome(bool won) internal pure returns (uint256) {
        return (1 << SETTLED_SHIFT) + (won ? 1 << WINS_SHIFT : 0);
    }

    /// @dev Counts one more outcome. After 8,388,607 strikes the counts stop: a settlement never fails for them.
    function withOutcome(uint256 word, uint256 outcome_) internal pure returns (uint256) {
        unchecked {
            return settledOf(word) == COUNT_MASK ? word : word + outcome_;
        }
    }

    function encode(BotConfig memory config) internal pure returns (uint256) {
        uint256 demands = uint256(config.minConfidenceBps - MIN_CONFIDENCE_BPS) | (config.longs ? 0 : NO_LONGS)
            | (config.shorts ? 0 : NO_SHORTS) | (config.active ? 0 : INACTIVE);
        return uint256(config.riskBps) | (demands << RISK_BITS);
    }

    function decode(uint256 bits) internal pure returns (BotConfig memory) {
        uint256 demands = bits >> RISK_BITS;
        return BotConfig({
            riskBps: uint16(bits & RISK_MASK),
            minConfidenceBps: uint16(demands & CONFIDENCE_MASK) + MIN_CONFIDENCE_BPS,
            longs: demands & NO_LONGS == 0,
            shorts: demands & NO_SHORTS == 0,
            active: demands & INACTIVE == 0
        });
    }
}
