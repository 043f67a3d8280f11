// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IMarket} from "../../interfaces/IMarket.sol";
import {BPS} from "../../types/AccessTypes.sol";
import {
    MAX_AUCTION_SECONDS,
    MAX_DEVIATION_BPS,
    MAX_DISCOUNT_BPS,
    MAX_HORIZON,
    MAX_KEEPER_DELAY,
    MAX_PREMIUM_BPS,
    MAX_UPTIME_GRACE,
    MIN_AUCTION_SECONDS,
    MIN_EXIT_WINDOW,
    MarketRules,
    OracleKind,
    Venue
} from "../../types/MarketTypes.sol";
import {BOTS, MAX_LOTS} from "../../types/StrikeTypes.sol";
import {LibOracle} from "./LibOracle.sol";
import {LibVenue} from "../venues/LibVenue.sol";
import {UniswapV3} from "../venues/UniswapV3.sol";

/// @title What a market's rules, oracle, feeds and tokens may be
library LibRules {
    /// @dev How many times what a window needs a pool's memory must hold.
    uint256 private constant MEMORY_ROOM = 2;
    uint8 private constant MIN_DECIMALS = 2;
    uint8 private constant MAX_DECIMALS = 18;

    /// @dev A market has a feed if, and only if, it reads one; not every pool keeps a price history of its own.
    function requireOracle(OracleKind oracle, Venue venue, address feed) internal pure {
        bool ok = oracle == OracleKind.Feed ? feed != address(0) : feed == address(0) && LibVenue.hasMemory(venue);
        if (!ok) revert IMarket.InvalidOracle(feed);
    }

    /// @dev A pool's memory is as long as its slots, written at most once a block. With twice what the window needs, no
    /// account can push out what is asked of it by trading dust in every block: the oracle's window, and beside a feed
    /// the exit's, without which no strike can be taken over.
    function requireMemory(MarketRules calldata rules, Venue venue, address pool, uint256 minBlockSeconds)
        internal
        view
    {
        if (!LibVenue.hasMemory(venue)) return;
        if (minBlockSeconds == 0) revert IMarket.InvalidRule("minBlockSeconds", 0);
        uint256 slots = UniswapV3.memoryOf(pool);
        uint256 window = rules.oracle == OracleKind.Feed ? rules.exitWindow : rules.oracleWindow;
        uint256 needed = MEMORY_ROOM * window / minBlockSeconds + 1;
        if (slots < needed) revert IMarket.PoolMemoryTooShort(pool, slots, needed);
    }

    /// @dev Of a market with a feed, whose answers it guards; of any market, whose auctions wait for its grace.
    function requireUptime(address uptimeFeed, uint256 uptimeGrace) internal view {
        if (uptimeFeed == address(0) && uptimeGrace == 0) return;
        if (uptimeGrace == 0 || uptimeGrace > MAX_UPTIME_GRACE) {
            revert IMarket.InvalidRule("uptimeGrace", uptimeGrace);
        }
        if (!LibOracle.isUptimeFeed(uptimeFeed)) revert IMarket.InvalidOracle(uptimeFeed);
    }

    function requireDecimals(address token) internal view {
        (bool ok, uint8 decimals) = SafeERC20.tryGetDecimals(IERC20(token));
        if (!ok || decimals < MIN_DECIMALS || decimals > MAX_DECIMALS) {
            revert IMarket.UnsupportedDecimals(token, decimals);
        }
    }

    function requireRules(MarketRules calldata rules) internal pure {
        _requireRange("maxBotLots", rules.maxBotLots, 1, MAX_LOTS);
        _requireRange("maxStrikeLots", rules.maxStrikeLots, 1, BOTS * MAX_LOTS);
        _requireRange("maxOpenLots", rules.maxOpenLots, 1, type(uint16).max);
        _requireRange("maxDayLots", rules.maxDayLots, 1, type(uint24).max);
        _requireRange("maxDeviationBps", rules.maxDeviationBps, 1, MAX_DEVIATION_BPS);
        _requireRange("oracleWindow", rules.oracleWindow, MIN_EXIT_WINDOW, type(uint24).max);
        _requireRange("exitWindow", rules.exitWindow, MIN_EXIT_WINDOW, rules.oracleWindow);
        _requireRange("exitDeviationBps", rules.exitDeviationBps, 1, MAX_DEVIATION_BPS);
        _requireRange("maxHorizon", rules.maxHorizon, 1, MAX_HORIZON);
        _requireRange("maxStopLossBps", rules.maxStopLossBps, 1, BPS - 1);
        _requireRange("keeperDelay", rules.keeperDelay, 0, MAX_KEEPER_DELAY);
        _requireRange("premiumBps", rules.premiumBps, 0, MAX_PREMIUM_BPS);
        _requireRange("discountBps", rules.discountBps, 0, MAX_DISCOUNT_BPS);
        _requireRange("auctionSeconds", rules.auctionSeconds, MIN_AUCTION_SECONDS, MAX_AUCTION_SECONDS);
    }

    function _requireRange(bytes32 field, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IMarket.InvalidRule(field, value);
    }
}
