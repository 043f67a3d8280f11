// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {KeyWord} from "./KeyWord.sol";

/// @notice Kinds of AMM. Markets trade on Uniswap's, arbitrages on all.
enum Venue {
    UniswapV3,
    UniswapV2,
    UniswapV4,
    BalancerWeighted,
    BalancerStable
}

/// @notice One swap of a strike, resolved: on which pool, which way, and the market's own tokens.
/// @param pool V4: the manager.
/// @param key V4: with the tokens, which of the manager's pools. Zero for others.
struct Route {
    Venue venue;
    address pool;
    bool zeroForOne;
    address tokenIn;
    address tokenOut;
    KeyWord key;
}

/// @notice Where a market's reference price comes from.
enum OracleKind {
    PoolTwap,
    Feed
}

/// @dev The longest grace after a sequencer's restart, in seconds.
uint24 constant MAX_UPTIME_GRACE = 86_400;

/// @dev Hard caps of a market's rules: the owner can't set a market looser than this.
uint16 constant MAX_DEVIATION_BPS = 1000;
uint16 constant MIN_EXIT_WINDOW = 30;
uint24 constant MAX_HORIZON = 2_592_000;
uint24 constant MAX_KEEPER_DELAY = 86_400;
uint16 constant MAX_PREMIUM_BPS = 1000;
uint16 constant MAX_DISCOUNT_BPS = 1000;
uint24 constant MIN_AUCTION_SECONDS = 300;
uint24 constant MAX_AUCTION_SECONDS = 86_400;

/// @notice What one market may do. Lots are the fleet's lots. Two storage words: 248 bits that strikes and settlements
/// read, and 56 that takeovers alone read.
/// @param oracle Where the reference price comes from.
/// @param longs Whether longs may open.
/// @param shorts Whether shorts may open.
/// @param maxBotLots Most lots of one bot in one strike.
/// @param maxStrikeLots Most lots of one strike.
/// @param maxOpenLots Most lots open on this market at once.
/// @param maxDayLots Lots that may open a day; what is used drains evenly over the day.
/// @param cooldown Seconds between two strikes.
/// @param maxDeviationBps Opening: farthest that the price obtained, pool fee and impact included, may be from the
/// oracle's. At most 1000.
/// @param oracleWindow Seconds: the minimum length of the TWAP, which is at most twice as long, or the age at which a
/// feed's answer is stale.
/// @param exitWindow Seconds, 30 to `oracleWindow`: the mean of the pool that bounds exits, marks strikes as due and
/// limits what is counted.
/// @param exitDeviationBps Closing by an operator: farthest that the price obtained may be worse than the exit price. At
/// most 1000.
/// @param maxHorizon Seconds: the longest horizon of a strike. At most 30 days.
/// @param maxStopLossBps The widest stop-loss of a strike; every strike must have one. Under 10000.
/// @param keeperDelay Seconds after a strike is due during which only operators and the owner close it. At most 86400.
/// @param premiumBps Where a takeover's price starts, above the best reference price for the fleet. At most 1000.
/// @param discountBps Where it ends, below that price. At most 1000.
/// @param auctionSeconds Seconds from one to the other, 300 to 86400.
struct MarketRules {
    OracleKind oracle;
    bool longs;
    bool shorts;
    uint16 maxBotLots;
    uint16 maxStrikeLots;
    uint16 maxOpenLots;
    uint24 maxDayLots;
    uint16 cooldown;
    uint16 maxDeviationBps;
    uint24 oracleWindow;
    uint16 exitWindow;
    uint16 exitDeviationBps;
    uint24 maxHorizon;
    uint16 maxStopLossBps;
    uint24 keeperDelay;
    uint16 premiumBps;
    uint16 discountBps;
    uint24 auctionSeconds;
}

/// @notice A market at registration.
/// @param base The token traded against the fleet's quote token.
/// @param pool The pool, which its factory must have created. V4: the manager, which holds all pools.
/// @param factory A factory that the owner has allowed. V4: the manager again.
/// @param feed Chainlink-style feed of quote per base; zero where the rules say `PoolTwap`.
/// @param uptimeFeed Chainlink's sequencer uptime feed, for a market with a feed on an L2; zero for none.
/// @param uptimeGrace Seconds after the sequencer's restart in which the feed is not believed; zero exactly
/// where `uptimeFeed` is zero. At most a day.
/// @param minBlockSeconds Fewest seconds between two blocks of the chain, by which the pool's memory is judged: 12 on
/// Ethereum, 1 where blocks are faster than that. Not looked at for a pool that keeps no price history.
/// @param fee V4: as in the pool's key, `DYNAMIC_FEE` where its hooks set it. Not looked at for others, as the next two.
/// @param tickSpacing V4: as in the key.
/// @param hooks V4: as in the key; zero, or an address that the owner has allowed.
struct MarketConfig {
    address base;
    address pool;
    address factory;
    address feed;
    address uptimeFeed;
    uint24 uptimeGrace;
    uint8 minBlockSeconds;
    uint24 fee;
    int24 tickSpacing;
    address hooks;
    MarketRules rules;
}

/// @notice A market as view functions return it.
/// @param usedDayLots Lots of the day cap in use now.
struct MarketView {
    address base;
    address pool;
    address factory;
    address feed;
    address uptimeFeed;
    uint24 uptimeGrace;
    uint8 minBlockSeconds;
    uint24 fee;
    int24 tickSpacing;
    address hooks;
    Venue venue;
    bool enabled;
    MarketRules rules;
    uint256 openLots;
    uint256 usedDayLots;
    uint256 lastStrikeAt;
}

