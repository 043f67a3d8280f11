// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {IAccess} from "../interfaces/IAccess.sol";
import {IMarket} from "../interfaces/IMarket.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3.sol";
import {BPS} from "../types/AccessTypes.sol";
import {MarketConfig, MarketRules, MarketState, MarketView, Venue} from "../types/MarketTypes.sol";
import {BOTS, MAX_LOTS} from "../types/StrikeTypes.sol";
import {MarketStorage} from "./storage/MarketStorage.sol";
import {UniswapV3} from "./venues/UniswapV3.sol";

/// @title Markets: registration, caps, reference price
library LibMarket {
    uint256 private constant MAX_MARKETS = 256;
    uint8 private constant MIN_DECIMALS = 2;
    uint8 private constant MAX_DECIMALS = 18;

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
        _requireDecimals(config.base);
        _requireDecimals(quote);
        _requireRules(config.rules);
        market = uint8(l.count++);
        MarketStorage.Market storage record = l.markets[market];
        record.state.pool = config.pool;
        record.state.enabled = true;
        record.state.baseIsToken0 = baseIsToken0;
        record.state.venue = l.factories[config.factory].venue;
        record.rules = config.rules;
        record.base = config.base;
        record.factory = config.factory;
        emit IMarket.MarketRegistered(market, config.base, config.pool, config);
    }

    function update(uint8 market, MarketRules calldata rules) internal {
        _requireRules(rules);
        _known(market).rules = rules;
        emit IMarket.MarketUpdated(market, rules);
    }

    function enable(uint8 market) internal {
        _known(market).state.enabled = true;
        emit IMarket.MarketEnabled(market);
    }

    function disable(uint8 market) internal {
        _known(market).state.enabled = false;
        emit IMarket.MarketDisabled(market, msg.sender);
    }

    function getMarket(uint8 market) internal view returns (MarketView memory) {
        MarketStorage.Market storage record = _known(market);
        MarketState memory state = record.state;
        return MarketView({
            base: record.base,
            pool: state.pool,
            factory: record.factory,
            venue: state.venue,
            enabled: state.enabled,
            rules: record.rules,
            openLots: state.openLots,
            usedDayLots: _usedDayLots(state, record.rules),
            lastStrikeAt: state.lastStrikeAt
        });
    }

    function baseOf(uint256 market) internal view returns (address) {
        return MarketStorage.load().markets[market].base;
    }

    function stateOf(uint256 market) internal view returns (MarketState memory) {
        return MarketStorage.load().markets[market].state;
    }

    /// @dev The gates that need no size: known, enabled, side, cooldown.
    function admit(uint256 market, bool isLong)
        internal
        view
        returns (MarketState memory state, MarketRules memory rules)
    {
        MarketStorage.Market storage record = MarketStorage.load().markets[market];
        state = record.state;
        if (state.pool == address(0)) revert IMarket.UnknownMarket(market);
        if (!state.enabled) revert IMarket.MarketNotEnabled(market);
        rules = record.rules;
        if (!(isLong ? rules.longs : rules.shorts)) revert IMarket.SideNotAllowed(market, isLong);
        uint256 readyAt = uint256(state.lastStrikeAt) + rules.cooldown;
        if (block.timestamp < readyAt) revert IMarket.CooldownActive(market, readyAt);
    }

    /// @dev The caps, and what a strike of `lots` takes of them.
    function charge(uint256 market, MarketState memory state, MarketRules memory rules, uint256 lots) internal {
        if (lots > rules.maxStrikeLots) revert IMarket.CapExceeded("strike", lots, rules.maxStrikeLots);
        uint256 open = state.openLots + lots;
        if (open > rules.maxOpenLots) revert IMarket.CapExceeded("open", lots, _left(rules.maxOpenLots, state.openLots));
        uint256 used = _usedDayLots(state, rules);
        if (used + lots > rules.maxDayLots) revert IMarket.CapExceeded("day", lots, _left(rules.maxDayLots, used));
        state.openLots = uint16(open);
        state.usedDayLots = uint24(used + lots);
        state.lastStrikeAt = uint32(block.timestamp);
        MarketStorage.load().markets[market].state = state;
    }

    /// @dev A settled strike's lots are open no more.
    function release(uint256 market, uint256 lots) internal {
        MarketStorage.load().markets[market].state.openLots -= uint16(lots);
    }

    /// @return quoteAmount What the oracle says `baseAmount` is worth, raw quote units.
    function oracleQuote(uint256 market, MarketState memory state, MarketRules memory rules, uint256 baseAmount)
        internal
        view
        returns (uint256 quoteAmount)
    {
        (bool ok, int256 tick) = UniswapV3.meanTick(state.pool, rules.oracleWindow);
        if (!ok) revert IMarket.OracleUnavailable(market);
        return UniswapV3.quoteAtTick(tick, baseAmount, state.baseIsToken0);
    }

    function oracleQuote(uint8 market, uint256 baseAmount) internal view returns (uint256) {
        MarketStorage.Market storage record = _known(market);
        return oracleQuote(market, record.state, record.rules, baseAmount);
    }

    /// @dev Refuses a trade whose price is farther from the oracle's than the market allows, either way.
    function requireNearOracle(
        uint256 market,
        MarketState memory state,
        MarketRules memory rules,
        uint256 baseAmount,
        uint256 quoteAmount
    ) internal view {
        uint256 fair = oracleQuote(market, state, rules, baseAmount);
        uint256 apart = quoteAmount > fair ? quoteAmount - fair : fair - quoteAmount;
        if (apart * BPS > fair * rules.maxDeviationBps) revert IMarket.OracleDeviation(market, quoteAmount, fair);
    }

    function _usedDayLots(MarketState memory state, MarketRules memory rules) private view returns (uint256) {
        uint256 drained = uint256(rules.maxDayLots) * (block.timestamp - state.lastStrikeAt) / 1 days;
        return drained < state.usedDayLots ? state.usedDayLots - drained : 0;
    }

    function _left(uint256 cap, uint256 used) private pure returns (uint256) {
        return used < cap ? cap - used : 0;
    }

    function _known(uint8 market) private view returns (MarketStorage.Market storage) {
        if (market >= count()) revert IMarket.UnknownMarket(market);
        return MarketStorage.load().markets[market];
    }

    function _requirePool(MarketConfig calldata config, address quote) private view returns (bool baseIsToken0) {
        (bool allowed,) = factoryOf(config.factory);
        if (!allowed) revert IMarket.FactoryNotAllowed(config.factory);
        if (config.pool.code.length == 0 || config.base == quote) {
            revert IMarket.PoolTokensMismatch(config.pool, config.base, quote);
        }
        address token0 = IUniswapV3Pool(config.pool).token0();
        address token1 = IUniswapV3Pool(config.pool).token1();
        baseIsToken0 = token0 == config.base;
        if (!(baseIsToken0 ? token1 == quote : token0 == quote && token1 == config.base)) {
            revert IMarket.PoolTokensMismatch(config.pool, config.base, quote);
        }
        if (!UniswapV3.isCanonical(config.factory, config.pool, token0, token1)) {
            revert IMarket.PoolNotCanonical(config.pool, config.factory);
        }
    }

    function _requireDecimals(address token) private view {
        uint8 decimals = IERC20Metadata(token).decimals();
        if (decimals < MIN_DECIMALS || decimals > MAX_DECIMALS) revert IMarket.UnsupportedDecimals(token, decimals);
    }

    function _requireRules(MarketRules calldata rules) private pure {
        if (rules.maxBotLots == 0 || rules.maxBotLots > MAX_LOTS) {
            revert IMarket.InvalidRule("maxBotLots", rules.maxBotLots);
        }
        if (rules.maxStrikeLots == 0 || rules.maxStrikeLots > BOTS * MAX_LOTS) {
            revert IMarket.InvalidRule("maxStrikeLots", rules.maxStrikeLots);
        }
        if (rules.maxOpenLots == 0) revert IMarket.InvalidRule("maxOpenLots", 0);
        if (rules.maxDayLots == 0) revert IMarket.InvalidRule("maxDayLots", 0);
        if (rules.maxDeviationBps == 0 || rules.maxDeviationBps >= BPS) {
            revert IMarket.InvalidRule("maxDeviationBps", rules.maxDeviationBps);
        }
        if (rules.oracleWindow == 0) revert IMarket.InvalidRule("oracleWindow", 0);
    }
}
