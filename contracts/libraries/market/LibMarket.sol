// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAccess} from "../../interfaces/IAccess.sol";
import {IMarket} from "../../interfaces/IMarket.sol";
import {BPS} from "../../types/AccessTypes.sol";
import {MarketConfig, MarketRules, MarketView, OracleKind, Venue} from "../../types/MarketTypes.sol";
import {KeyWord, keyWordOf} from "../../types/KeyWord.sol";
import {MarketState, marketStateOf} from "../../types/MarketState.sol";
import {RulesWord, rulesWordOf} from "../../types/RulesWord.sol";
import {traitsOf} from "../../types/MarketTraits.sol";
import {LibOracle} from "./LibOracle.sol";
import {LibRules} from "./LibRules.sol";
import {LibProbe} from "../strike/LibProbe.sol";
import {MarketStorage} from "../storage/MarketStorage.sol";
import {LibVenue} from "../venues/LibVenue.sol";
import {UniswapV3} from "../venues/UniswapV3.sol";

/// @title Markets: registration, caps, reference price
library LibMarket {
    uint256 private constant MAX_MARKETS = 256;

    function count() internal view returns (uint256) {
        return MarketStorage.load().count;
    }

    function factoryOf(address factory) internal view returns (bool allowed, Venue venue) {
        MarketStorage.Factory memory record = MarketStorage.load().factories[factory];
        return (record.allowed, record.venue);
    }

    function setFactory(address factory, Venue venue, bool allowed) internal {
        if (factory == address(0)) revert IAccess.ZeroAddress();
        MarketStorage.load().factories[factory] = MarketStorage.Factory(allowed, venue);
        emit IMarket.FactorySet(factory, venue, allowed);
    }

    function register(MarketConfig calldata config, address quote) internal returns (uint8 market) {
        MarketStorage.Layout storage l = MarketStorage.load();
        if (l.count == MAX_MARKETS) revert IMarket.TooManyMarkets();
        bool baseIsToken0 = _requirePool(config, quote);
        LibRules.requireDecimals(config.base);
        LibRules.requireDecimals(quote);
        LibRules.requireRules(config.rules);
        Venue venue = l.factories[config.factory].venue;
        LibRules.requireOracle(config.rules.oracle, venue, config.feed);
        LibRules.requireMemory(config.rules, venue, config.pool, config.minBlockSeconds);
        LibRules.requireUptime(config.uptimeFeed, config.uptimeGrace);
        LibProbe.requireCallback(venue, config.pool);
        market = uint8(l.count++);
        MarketStorage.Market storage record = l.markets[market];
        record.state = marketStateOf(config.pool, traitsOf(venue, baseIsToken0));
        record.rules = config.rules;
        record.base = config.base;
        record.factory = config.factory;
        record.minBlockSeconds = config.minBlockSeconds;
        record.uptimeFeed = config.uptimeFeed;
        record.uptimeGrace = config.uptimeGrace;
        record.key = keyWordOf(config.fee, config.tickSpacing, config.hooks);
        if (config.rules.oracle == OracleKind.Feed) {
            record.feed = config.feed;
            record.feedExponent = LibOracle.feedExponent(config.feed, config.base, quote);
        }
        emit IMarket.MarketRegistered(market, config.base, config.pool, config);
    }

    function update(uint8 market, MarketRules calldata rules) internal {
        LibRules.requireRules(rules);
        MarketStorage.Market storage record = _known(market);
        Venue venue = record.state.traits().venue();
        LibRules.requireOracle(rules.oracle, venue, record.feed);
        LibRules.requireMemory(rules, venue, record.state.pool(), record.minBlockSeconds);
        _keepUsed(record, rules.maxDayLots);
        record.rules = rules;
        emit IMarket.MarketUpdated(market, rules);
    }

    /// @dev What a market's feed was before is not looked at: it may be dead.
    function setFeeds(uint8 market, address quote, address feed, address uptimeFeed, uint24 uptimeGrace) internal {
        MarketStorage.Market storage record = _known(market);
        OracleKind oracle = record.rules.oracle;
        LibRules.requireOracle(oracle, record.state.traits().venue(), feed);
        LibRules.requireUptime(uptimeFeed, uptimeGrace);
        if (oracle == OracleKind.Feed) record.feedExponent = LibOracle.feedExponent(feed, record.base, quote);
        record.feed = feed;
        record.uptimeFeed = uptimeFeed;
        record.uptimeGrace = uptimeGrace;
        emit IMarket.MarketFeedsSet(market, feed, uptimeFeed, uptimeGrace);
    }

    function enable(uint8 market) internal {
        MarketStorage.Market storage record = _known(market);
        record.state = record.state.withTraits(record.state.traits().enabled(true));
        emit IMarket.MarketEnabled(market);
    }

    function disable(uint8 market) internal {
        MarketStorage.Market storage record = _known(market);
        record.state = record.state.withTraits(record.state.traits().enabled(false));
        emit IMarket.MarketDisabled(market, msg.sender);
    }

    function getMarket(uint8 market) internal view returns (MarketView memory) {
        MarketStorage.Market storage record = _known(market);
        MarketState state = record.state;
        return MarketView({
            base: record.base,
            pool: state.pool(),
            factory: record.factory,
            feed: record.feed,
            uptimeFeed: record.uptimeFeed,
            uptimeGrace: record.uptimeGrace,
            minBlockSeconds: record.minBlockSeconds,
            fee: record.key.fee(),
            tickSpacing: record.key.tickSpacing(),
            hooks: record.key.hooks(),
            venue: state.traits().venue(),
            enabled: state.traits().isEnabled(),
            rules: record.rules,
            openLots: uint16(state.openLots()),
            usedDayLots: state.usedNow(rulesWordOf(record.rules).maxDayLots()),
            lastStrikeAt: uint32(state.lastStrikeAt())
        });
    }

    function requireCanonical(Venue venue, address factory, address pool, address token0, address token1)
        internal
        view
    {
        if (!LibVenue.isCanonical(venue, factory, pool, token0, token1)) {
            revert IMarket.PoolNotCanonical(pool, factory);
        }
    }

    function requireKnown(uint256 market) internal view {
        if (market >= count()) revert IMarket.UnknownMarket(market);
    }

    function baseOf(uint256 market) internal view returns (address) {
        return MarketStorage.load().markets[market].base;
    }

    /// @dev Of a market on a pool of a manager.
    function keyOf(uint256 market) internal view returns (KeyWord) {
        return MarketStorage.load().markets[market].key;
    }

    function stateOf(uint256 market) internal view returns (MarketState) {
        return MarketStorage.load().markets[market].state;
    }

    function rulesOf(uint256 market) internal view returns (RulesWord) {
        return rulesWordOf(MarketStorage.load().markets[market].rules);
    }

    /// @dev For takeovers, which read the rules' second word.
    function allRulesOf(uint256 market) internal view returns (MarketRules storage) {
        return MarketStorage.load().markets[market].rules;
    }

    /// @dev The gates that need no size: known, enabled, side, cooldown.
    function requireAdmitted(uint256 market, MarketState state, RulesWord rules, bool isLong) internal view {
        if (state.pool() == address(0)) revert IMarket.UnknownMarket(market);
        if (!state.traits().isEnabled()) revert IMarket.MarketNotEnabled(market);
        uint256 readyAt = state.lastStrikeAt() + rules.cooldown();
        if (!rules.allows(isLong)) revert IMarket.SideNotAllowed(market, isLong);
        if (block.timestamp < readyAt) revert IMarket.CooldownActive(market, readyAt);
    }

    /// @dev The caps, and what a strike of `lots` takes of them.
    /// Unchecked: lots of a strike are at most 25 times 1023, and what is counted fits 24 bits.
    /// @param state As it is stored.
    function charge(uint256 market, MarketState state, RulesWord rules, uint256 lots) internal {
        unchecked {
            uint256 max = rules.maxStrikeLots();
            if (lots > max) revert IMarket.CapExceeded("strike", lots, max);
            uint256 open = state.openLots() + lots;
            max = rules.maxOpenLots();
            if (open > max) revert IMarket.CapExceeded("open", lots, _left(max, state.openLots()));
            max = rules.maxDayLots();
            uint256 used = state.usedNow(max);
            if (used + lots > max) revert IMarket.CapExceeded("day", lots, _left(max, used));
            _store(market, state.withStrike(block.timestamp, open, used + lots));
        }
    }

    /// @dev A settled strike's lots are open no more.
    function release(uint256 market, uint256 lots) internal {
        MarketState state = stateOf(market);
        _store(market, state.withOpenLots(state.openLots() - lots));
    }

    /// @return quoteAmount What the oracle says `baseAmount` is worth, raw quote units.
    function oracleQuote(uint256 market, MarketState state, RulesWord rules, uint256 baseAmount)
        internal
        view
        returns (uint256 quoteAmount)
    {
        bool ok;
        (ok, quoteAmount) = tryOracleQuote(market, state, rules, baseAmount);
        if (!ok) revert IMarket.OracleUnavailable(market);
    }

    function tryOracleQuote(uint256 market, MarketState state, RulesWord rules, uint256 baseAmount)
        internal
        view
        returns (bool ok, uint256 quoteAmount)
    {
        if (!rules.hasFeed()) {
            (int256 mean,,) = UniswapV3.look(state.pool(), rules.oracleWindow(), state.back());
            ok = mean != UniswapV3.UNKNOWN;
            return (ok, ok ? _atTick(state, mean, baseAmount) : 0);
        }
        (quoteAmount,) = feedQuote(market, rules, baseAmount);
        return (quoteAmount != 0, quoteAmount);
    }

    /// @return up Whether the chain's sequencer is up, as far as the market has a feed that tells.
    /// @return since Unix second from which on it has been up for longer than the grace; 0 without a feed.
    function uptime(uint256 market) internal view returns (bool up, uint256 since) {
        MarketStorage.Market storage record = MarketStorage.load().markets[market];
        return LibOracle.uptime(record.uptimeFeed, record.uptimeGrace);
    }

    /// @dev What a V3 pool remembers of `window` seconds. Where its observation was found is kept for next time, in a word
    /// that this call has written anyway.
    /// Unchecked: 16 bits times 24, over a window that is not zero.
    /// @return mean As of `UniswapV3.look`.
    /// @return start As of `UniswapV3.look`.
    function look(uint256 market, MarketState state, RulesWord rules, uint256 window)
        internal
        returns (int256 mean, int256 start)
    {
        unchecked {
            uint256 full = rules.oracleWindow();
            uint256 back = FixedPointMathLib.rawDiv(state.back() * window + full - 1, full);
            uint256 found;
            (mean, start, found) = UniswapV3.look(state.pool(), window, back);
            if (found != 0 && found != back) {
                uint256 all = FixedPointMathLib.rawDiv(found * full, window);
                _store(market, stateOf(market).withBack(FixedPointMathLib.min(all, type(uint16).max)));
            }
        }
    }

    /// @return quoteAmount What the market's feed makes of `baseAmount`, raw quote units; 0 where it has no fresh price.
    /// @return updatedAt Unix second of its answer.
    function feedQuote(uint256 market, RulesWord rules, uint256 baseAmount)
        internal
        view
        returns (uint256 quoteAmount, uint256 updatedAt)
    {
        MarketStorage.Market storage record = MarketStorage.load().markets[market];
        (bool up, uint256 since) = LibOracle.uptime(record.uptimeFeed, record.uptimeGrace);
        if (!up || block.timestamp <= since) return (0, 0);
        return LibOracle.feedQuote(record.feed, record.feedExponent, rules.oracleWindow(), baseAmount);
    }

    function oracleQuote(uint8 market, uint256 baseAmount) internal view returns (uint256) {
        MarketStorage.Market storage record = _known(market);
        return oracleQuote(market, record.state, rulesWordOf(record.rules), baseAmount);
    }

    /// @dev Refuses to open at a price farther from the oracle's than the market allows, either way: one that is too
    /// good is a stale oracle.
    function requireNearOracle(
        uint256 market,
        MarketState state,
        RulesWord rules,
        uint256 baseAmount,
        uint256 quoteAmount
    ) internal {
        uint256 fair = _fair(market, state, rules, baseAmount);
        uint256 apart = quoteAmount > fair ? quoteAmount - fair : fair - quoteAmount;
        if (apart * BPS > fair * rules.maxDeviationBps()) revert IMarket.OracleDeviation(market, quoteAmount, fair);
    }

    /// @dev As `oracleQuote`, keeping where the pool's observation was found.
    function _fair(uint256 market, MarketState state, RulesWord rules, uint256 baseAmount) private returns (uint256) {
        if (rules.hasFeed()) return oracleQuote(market, state, rules, baseAmount);
        (int256 mean,) = look(market, state, rules, rules.oracleWindow());
        if (mean == UniswapV3.UNKNOWN) revert IMarket.OracleUnavailable(market);
        return _atTick(state, mean, baseAmount);
    }

    function _atTick(MarketState state, int256 tick, uint256 baseAmount) private pure returns (uint256) {
        return UniswapV3.quoteAtTick(tick, baseAmount, state.traits().baseIsToken0());
    }

    /// @dev What is in use of the day cap stays in use, though it drains at the new cap's pace since the last strike.
    function _keepUsed(MarketStorage.Market storage record, uint256 maxDayLots) private {
        MarketState state = record.state;
        uint256 used = state.usedNow(rulesWordOf(record.rules).maxDayLots());
        // What has drained away stays so, also under a cap that drains more slowly.
        uint256 drained = used == 0 ? 0 : maxDayLots * (block.timestamp - state.lastStrikeAt()) / 1 days;
        record.state = state.withUsedDayLots(Math.min(used + drained, type(uint24).max));
    }

    function _store(uint256 market, MarketState state) private {
        MarketStorage.load().markets[market].state = state;
    }

    function _left(uint256 cap, uint256 used) private pure returns (uint256) {
        return used < cap ? cap - used : 0;
    }

    function _known(uint8 market) private view returns (MarketStorage.Market storage) {
        requireKnown(market);
        return MarketStorage.load().markets[market];
    }

    function _requirePool(MarketConfig calldata config, address quote) private view returns (bool baseIsToken0) {
        (bool allowed, Venue venue) = factoryOf(config.factory);
        if (!allowed) revert IMarket.FactoryNotAllowed(config.factory);
        if (config.pool.code.length == 0 || config.base == quote) {
            revert IMarket.PoolTokensMismatch(config.pool, config.base, quote);
        }
        if (LibVenue.hasManager(venue)) {
            LibVenue.requireKept(config, quote);
            return config.base < quote;
        }
        (address token0, address token1) = LibVenue.tokensOf(config.pool);
        baseIsToken0 = token0 == config.base;
        if (!(baseIsToken0 ? token1 == quote : token0 == quote && token1 == config.base)) {
            revert IMarket.PoolTokensMismatch(config.pool, config.base, quote);
        }
        requireCanonical(venue, config.factory, config.pool, token0, token1);
    }
}
