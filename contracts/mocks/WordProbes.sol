// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hop} from "../types/AmmTypes.sol";
import {ConfigWord, sizesOf} from "../types/ConfigWord.sol";
import {CoreWord} from "../types/CoreWord.sol";
import {HopWord, hopWordOf} from "../types/HopWord.sol";
import {KeyWord, keyWordOf} from "../types/KeyWord.sol";
import {LotsWord} from "../types/LotsWord.sol";
import {MarketState, marketStateOf} from "../types/MarketState.sol";
import {MarketTraits, traitsOf} from "../types/MarketTraits.sol";
import {MarketRules, Venue} from "../types/MarketTypes.sol";
import {RulesWord, rulesWordOf} from "../types/RulesWord.sol";
import {SideWord, sideWordOf} from "../types/SideWord.sol";
import {StrategyWord, outcomeOf, totalOfPairs} from "../types/StrategyWord.sol";
import {BotConfig, Prediction, Signal, StrikeRecord} from "../types/StrikeTypes.sol";
import {StrikeWord, termsOf} from "../types/StrikeWord.sol";
import {TurnWord, turnOf} from "../types/TurnWord.sol";

// Packed words as contracts, so that tests can ask each function of theirs whatever they want. A function has the name
// that it has in the type.

contract CoreWordProbe {
    function isPaused(CoreWord word) external pure returns (bool) {
        return word.isPaused();
    }

    function isHalted(CoreWord word) external pure returns (bool) {
        return word.isHalted();
    }

    function takeoversStopped(CoreWord word) external pure returns (bool) {
        return word.takeoversStopped();
    }

    function unit(CoreWord word) external pure returns (uint256) {
        return word.unit();
    }

    function lotValue(CoreWord word) external pure returns (uint256) {
        return word.lotValue();
    }

    function dust(CoreWord word) external pure returns (uint256) {
        return word.dust();
    }

    function thresholdOverBps(CoreWord word) external pure returns (uint256) {
        return word.thresholdOverBps();
    }

    function bestBits(CoreWord word) external pure returns (uint256) {
        return word.bestBits();
    }

    function worstBits(CoreWord word) external pure returns (uint256) {
        return word.worstBits();
    }

    function recentLosses(CoreWord word) external pure returns (uint256) {
        return word.recentLosses();
    }

    function recentWins(CoreWord word) external pure returns (uint256) {
        return word.recentWins();
    }

    function highWater(CoreWord word) external pure returns (uint256) {
        return word.highWater();
    }

    function lot(CoreWord word) external pure returns (uint256) {
        return word.lot();
    }

    function lastStrikeId(CoreWord word) external pure returns (uint256) {
        return word.lastStrikeId();
    }

    function openBitmap(CoreWord word) external pure returns (uint256) {
        return word.openBitmap();
    }

    function isOpen(CoreWord word, uint256 strikeId) external pure returns (bool) {
        return word.isOpen(strikeId);
    }

    function withStatus(CoreWord word, uint8 bit, bool on) external pure returns (CoreWord) {
        return word.withStatus(bit, on);
    }

    function withUnitExponent(CoreWord word, uint256 value) external pure returns (CoreWord) {
        return word.withUnitExponent(value);
    }

    function withDust(CoreWord word, uint256 value) external pure returns (CoreWord) {
        return word.withDust(value);
    }

    function withThresholdOverBps(CoreWord word, uint256 value) external pure returns (CoreWord) {
        return word.withThresholdOverBps(value);
    }

    function withBestBits(CoreWord word, uint256 value) external pure returns (CoreWord) {
        return word.withBestBits(value);
    }

    function withWorstBits(CoreWord word, uint256 value) external pure returns (CoreWord) {
        return word.withWorstBits(value);
    }

    function withOutcome(CoreWord word, bool won) external pure returns (CoreWord) {
        return word.withOutcome(won);
    }

    function withoutLosses(CoreWord word) external pure returns (CoreWord) {
        return word.withoutLosses();
    }

    function withHighWater(CoreWord word, uint256 value) external pure returns (CoreWord) {
        return word.withHighWater(value);
    }

    function withLot(CoreWord word, uint256 value) external pure returns (CoreWord) {
        return word.withLot(value);
    }

    function withOpened(CoreWord word, uint256 strikeId) external pure returns (CoreWord) {
        return word.withOpened(strikeId);
    }

    function withClosed(CoreWord word, uint256 strikeId) external pure returns (CoreWord) {
        return word.withClosed(strikeId);
    }
}

contract LotsWordProbe {
    function lotsOf(LotsWord word, uint256 bot) external pure returns (uint256) {
        return word.lotsOf(bot);
    }

    function withLots(LotsWord word, uint256 bot, uint256 lots) external pure returns (LotsWord) {
        return word.withLots(bot, lots);
    }

    function signal(LotsWord word) external pure returns (Signal) {
        return word.signal();
    }

    function withSignal(LotsWord word, Signal signal_) external pure returns (LotsWord) {
        return word.withSignal(signal_);
    }

    function ofStrategies(LotsWord word, uint256 strategies) external pure returns (LotsWord) {
        return word.ofStrategies(strategies);
    }

    function ofFirstFive(LotsWord word) external pure returns (uint256) {
        return word.ofFirstFive();
    }

    function without(LotsWord word, LotsWord taken) external pure returns (LotsWord) {
        return word.without(taken);
    }

    function total(LotsWord word) external pure returns (uint256) {
        return word.total();
    }

    function capped(LotsWord word, uint256 max) external pure returns (LotsWord) {
        return word.capped(max);
    }

    function pastFive(LotsWord word) external pure returns (LotsWord) {
        return word.pastFive();
    }

    function turned(LotsWord word, uint256 lots) external pure returns (LotsWord) {
        return word.turned(lots);
    }

    function turnedByFive(LotsWord word) external pure returns (LotsWord) {
        return word.turnedByFive();
    }
}

contract StrategyWordProbe {
    function equityOf(StrategyWord word, uint256 index) external pure returns (uint256) {
        return word.equityOf(index);
    }

    function withEquity(StrategyWord word, uint256 index, uint256 equity) external pure returns (StrategyWord) {
        return word.withEquity(index, equity);
    }

    function total(StrategyWord word) external pure returns (uint256) {
        return word.total();
    }

    function totalOfAll(StrategyWord[5] calldata words) external pure returns (uint256) {
        uint256 sum;
        for (uint256 i; i < words.length; ++i) {
            sum += words[i].pairs();
        }
        return totalOfPairs(sum);
    }

    function settled(StrategyWord word) external pure returns (uint256) {
        return word.settled();
    }

    function wins(StrategyWord word) external pure returns (uint256) {
        return word.wins();
    }

    function counted(StrategyWord word, bool won) external pure returns (StrategyWord) {
        return word.counted(outcomeOf(won));
    }

    function shared(StrategyWord word, LotsWord free, uint256 weights, uint256 sum, int256 pnl, uint256 lot)
        external
        pure
        returns (StrategyWord, LotsWord)
    {
        return word.shared(free, weights, sum, uint256(pnl), lot);
    }
}

contract ConfigWordProbe {
    function configAt(ConfigWord word, uint256 index) external pure returns (BotConfig memory) {
        return word.configAt(index);
    }

    function withConfig(ConfigWord word, uint256 index, BotConfig calldata config) external pure returns (ConfigWord) {
        return word.withConfig(index, config);
    }

    function risks(ConfigWord word, bool isLong, uint256 over) external pure returns (uint256) {
        return word.risks(isLong, over);
    }

    function sizes(uint256 left, uint256 risks_, uint256 factorBps, uint256 maxLots) external pure returns (uint256) {
        return sizesOf(left, risks_, factorBps, maxLots);
    }
}

contract SideWordProbe {
    function sideWord(ConfigWord[3] calldata configs, bool isLong) external pure returns (SideWord) {
        return sideWordOf(configs, isLong);
    }

    function allTakePart(SideWord word, uint256 over) external pure returns (bool) {
        return word.allTakePart(over);
    }

    function sized(SideWord word, LotsWord free, uint256 factorBps, uint256 maxLots) external pure returns (LotsWord) {
        return word.sized(free, factorBps, maxLots);
    }
}

contract MarketStateProbe {
    function marketState(address pool_, MarketTraits traits_) external pure returns (MarketState) {
        return marketStateOf(pool_, traits_);
    }

    function pool(MarketState word) external pure returns (address) {
        return word.pool();
    }

    function usedDayLots(MarketState word) external pure returns (uint256) {
        return word.usedDayLots();
    }

    function usedNow(MarketState word, uint256 maxDayLots) external view returns (uint256) {
        return word.usedNow(maxDayLots);
    }

    function lastStrikeAt(MarketState word) external pure returns (uint256) {
        return word.lastStrikeAt();
    }

    function openLots(MarketState word) external pure returns (uint256) {
        return word.openLots();
    }

    function back(MarketState word) external pure returns (uint256) {
        return word.back();
    }

    function traits(MarketState word) external pure returns (MarketTraits) {
        return word.traits();
    }

    function withStrike(MarketState word, uint256 second, uint256 open, uint256 used)
        external
        pure
        returns (MarketState)
    {
        return word.withStrike(second, open, used);
    }

    function withUsedDayLots(MarketState word, uint256 value) external pure returns (MarketState) {
        return word.withUsedDayLots(value);
    }

    function withOpenLots(MarketState word, uint256 value) external pure returns (MarketState) {
        return word.withOpenLots(value);
    }

    function withBack(MarketState word, uint256 value) external pure returns (MarketState) {
        return word.withBack(value);
    }

    function withTraits(MarketState word, MarketTraits value) external pure returns (MarketState) {
        return word.withTraits(value);
    }
}

contract MarketTraitsProbe {
    function traits(Venue venue_, bool baseIsToken0_) external pure returns (MarketTraits) {
        return traitsOf(venue_, baseIsToken0_);
    }

    function venue(MarketTraits word) external pure returns (Venue) {
        return word.venue();
    }

    function baseIsToken0(MarketTraits word) external pure returns (bool) {
        return word.baseIsToken0();
    }

    function isEnabled(MarketTraits word) external pure returns (bool) {
        return word.isEnabled();
    }

    function enabled(MarketTraits word, bool on) external pure returns (MarketTraits) {
        return word.enabled(on);
    }
}

contract RulesWordProbe {
    MarketRules private rules;

    /// @return The word of these rules, as they are in storage.
    function rulesWord(MarketRules calldata rules_) external returns (RulesWord) {
        rules = rules_;
        return rulesWordOf(rules);
    }

    function hasFeed(RulesWord word) external pure returns (bool) {
        return word.hasFeed();
    }

    function allows(RulesWord word, bool long) external pure returns (bool) {
        return word.allows(long);
    }

    function maxBotLots(RulesWord word) external pure returns (uint256) {
        return word.maxBotLots();
    }

    function maxStrikeLots(RulesWord word) external pure returns (uint256) {
        return word.maxStrikeLots();
    }

    function maxOpenLots(RulesWord word) external pure returns (uint256) {
        return word.maxOpenLots();
    }

    function maxDayLots(RulesWord word) external pure returns (uint256) {
        return word.maxDayLots();
    }

    function cooldown(RulesWord word) external pure returns (uint256) {
        return word.cooldown();
    }

    function maxDeviationBps(RulesWord word) external pure returns (uint256) {
        return word.maxDeviationBps();
    }

    function oracleWindow(RulesWord word) external pure returns (uint256) {
        return word.oracleWindow();
    }

    function exitWindow(RulesWord word) external pure returns (uint256) {
        return word.exitWindow();
    }

    function exitDeviationBps(RulesWord word) external pure returns (uint256) {
        return word.exitDeviationBps();
    }

    function maxHorizon(RulesWord word) external pure returns (uint256) {
        return word.maxHorizon();
    }

    function maxStopLossBps(RulesWord word) external pure returns (uint256) {
        return word.maxStopLossBps();
    }

    function keeperDelay(RulesWord word) external pure returns (uint256) {
        return word.keeperDelay();
    }
}

contract StrikeWordProbe {
    function terms(Prediction calldata prediction) external view returns (StrikeWord) {
        return termsOf(prediction);
    }

    function opened(StrikeWord word, uint256 id_, uint256 baseAmount_) external pure returns (StrikeWord) {
        return word.opened(id_, baseAmount_);
    }

    function withHorizon(StrikeWord word, uint256 value) external pure returns (StrikeWord) {
        return word.withHorizon(value);
    }

    function unpack(StrikeWord word) external pure returns (StrikeRecord memory) {
        return word.unpack();
    }
}

contract HopWordProbe {
    function hopWord(Hop calldata hop) external pure returns (HopWord) {
        return hopWordOf(hop);
    }

    /// @return The hop with what is in the word.
    function unpackTo(HopWord word, Hop memory hop) external pure returns (Hop memory) {
        word.unpackTo(hop);
        return hop;
    }
}

contract KeyWordProbe {
    function keyWord(uint24 fee_, int24 tickSpacing_, address hooks_) external pure returns (KeyWord) {
        return keyWordOf(fee_, tickSpacing_, hooks_);
    }

    function hooks(KeyWord word) external pure returns (address) {
        return word.hooks();
    }

    function fee(KeyWord word) external pure returns (uint24) {
        return word.fee();
    }

    function tickSpacing(KeyWord word) external pure returns (int24) {
        return word.tickSpacing();
    }
}

contract TurnWordProbe {
    function turn(address pool_, uint256 kind_) external pure returns (TurnWord) {
        return turnOf(pool_, kind_);
    }

    function pool(TurnWord word) external pure returns (address) {
        return word.pool();
    }

    function kind(TurnWord word) external pure returns (uint256) {
        return word.kind();
    }
}
