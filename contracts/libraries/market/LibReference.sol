// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {BPS} from "../../types/AccessTypes.sol";
import {MarketState} from "../../types/MarketState.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {RulesWord} from "../../types/RulesWord.sol";
import {LibVenue} from "../venues/LibVenue.sol";
import {UniswapV3} from "../venues/UniswapV3.sol";
import {LibMarket} from "./LibMarket.sol";

/// @title Reference prices of a market
/// @dev All as raw quote for an amount of base; 0 where unknown. Three prices that no trade of the running second can
/// change: the oracle's, the pool's mean over the exit window, and the pool's own when the second began.
library LibReference {
    struct Prices {
        uint256 oracle;
        uint256 mean;
        uint256 start;
    }

    /// @dev For whatever is closed without the diamond trading: means of exactly the windows' length. A pool or feed
    /// that fails is unknown, and can't make this revert.
    function prices(uint256 market, MarketState state, RulesWord rules, uint256 base)
        internal
        view
        returns (Prices memory p)
    {
        bool feed = rules.hasFeed();
        if (feed) (p.oracle,) = LibMarket.feedQuote(market, rules, base);
        Venue venue = state.traits().venue();
        if (!LibVenue.hasMemory(venue)) {
            p.mean = p.oracle;
            // A pool that doesn't know its price of before this second has no say: the feed's stands for it.
            p.start = LibVenue.knowsStart(venue)
                ? LibVenue.startQuote(venue, state.pool(), base, state.traits().baseIsToken0())
                : p.oracle;
        } else {
            uint256 exitWindow = rules.exitWindow();
            (bool ok, int256 oracleTick, int256 meanTick) =
                UniswapV3.exactMeanTicks(state.pool(), feed ? exitWindow : rules.oracleWindow(), exitWindow);
            if (ok) {
                if (!feed) p.oracle = _quote(state, oracleTick, base);
                p.mean = _quote(state, meanTick, base);
            }
            p.start = _quote(state, UniswapV3.startTick(state.pool()), base);
        }
    }

    /// @return price The best of the three for the fleet; 0 unless all are known.
    function bestOfAll(Prices memory p, bool long) internal pure returns (uint256 price) {
        if (p.oracle == 0 || p.mean == 0 || p.start == 0) return 0;
        return _better(_better(p.oracle, p.mean, long), p.start, long);
    }

    /// @return price The best, or the worst, for the fleet of those that are known; 0 where none is.
    function extreme(Prices memory p, bool high) internal pure returns (uint256 price) {
        price = p.oracle;
        if (p.mean != 0) price = price == 0 ? p.mean : _better(price, p.mean, high);
        if (p.start != 0) price = price == 0 ? p.start : _better(price, p.start, high);
    }

    /// @dev The price that bounds exits: the feed's, or the pool's mean over the exit window.
    function exitOf(RulesWord rules, Prices memory p) internal pure returns (uint256) {
        return rules.hasFeed() ? p.oracle : p.mean;
    }

    /// @dev For a swap of the diamond's own, asked before it: the pool's mean is of one to two windows, which costs fewer
    /// reads.
    /// @return worth What bounds the exit.
    /// @return limit The best amount that is counted: what the pool's mean, or its price when the second began, makes of
    /// the base. Where that price is unknown, the mean and the deviation that exits may have.
    function exit(uint256 market, MarketState state, RulesWord rules, bool long, uint256 base)
        internal
        returns (uint256 worth, uint256 limit)
    {
        uint256 start;
        Venue venue = state.traits().venue();
        if (!LibVenue.hasMemory(venue)) {
            start = LibVenue.startQuote(venue, state.pool(), base, state.traits().baseIsToken0());
        } else {
            (int256 mean, int256 startTick) = LibMarket.look(market, state, rules, rules.exitWindow());
            limit = _quote(state, mean, base);
            start = _quote(state, startTick, base);
        }
        if (rules.hasFeed()) {
            (worth,) = LibMarket.feedQuote(market, rules, base);
            // A pool that tells no mean is bounded by the feed alone.
            if (limit == 0) limit = worth;
        } else {
            worth = limit;
        }
        if (worth == 0) return (0, 0);
        if (start != 0) limit = _better(limit, start, long);
        // The division is the mean's own: what it rounds is a raw unit of quote.
        // slither-disable-next-line divide-before-multiply
        else limit = limit * (long ? BPS + rules.exitDeviationBps() : BPS - rules.exitDeviationBps()) / BPS;
    }

    /// @dev What a strike opened at `openedAt` is worth by prices that are all from after it; 0 where unknown.
    function since(uint256 market, MarketState state, RulesWord rules, uint256 base, uint256 openedAt)
        internal
        view
        returns (uint256 worth)
    {
        if (rules.hasFeed()) {
            uint256 updatedAt;
            (worth, updatedAt) = LibMarket.feedQuote(market, rules, base);
            return updatedAt > openedAt ? worth : 0;
        }
        uint256 window = rules.exitWindow();
        if (block.timestamp - openedAt < window) return 0;
        (bool ok, int256 tick,) = UniswapV3.exactMeanTicks(state.pool(), window, window);
        if (ok) worth = _quote(state, tick, base);
    }

    /// @return 0 where the tick is unknown.
    function _quote(MarketState state, int256 tick, uint256 base) private pure returns (uint256) {
        return tick == UniswapV3.UNKNOWN ? 0 : UniswapV3.quoteAtTick(tick, base, state.traits().baseIsToken0());
    }

    function _better(uint256 a, uint256 b, bool high) private pure returns (uint256) {
        return high ? FixedPointMathLib.max(a, b) : FixedPointMathLib.min(a, b);
    }
}
