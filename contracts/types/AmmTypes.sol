// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Venue} from "./MarketTypes.sol";

/// @dev Pools in an arbitrage.
uint256 constant MIN_HOPS = 2;
uint256 constant MAX_HOPS = 4;

/// @dev 100 % in hundredths of a basis point, the unit of pool fees.
uint256 constant FEE_BASE = 1_000_000;

/// @notice A pool at registration.
/// @param factory A factory that the owner has allowed; it must vouch for the pool.
/// @param fee Hundredths of a basis point: 3000 is 0.3 %. A V3 pool's own; a V2 pair does not know it, so the owner
/// says it.
struct PoolConfig {
    address factory;
    address pool;
    uint24 fee;
}

/// @notice What one arbitrage may put in of a token.
/// @param maxAmountIn Raw units; 0: no arbitrage starts in it.
struct TokenCap {
    address token;
    uint128 maxAmountIn;
}

/// @notice What an operator asks for.
/// @param pools Pool ids in the order of the hops, 2 to 4, none twice. Every hop swaps what the one before gave.
/// @param tokenIn What the first hop takes and the last one gives.
/// @param amountIn Raw units of `tokenIn` that the first hop takes; the most of them where `resize` is set.
/// @param minProfit Raw units of `tokenIn`, measured, that it must leave at the least. 0 means 1: none is not enough.
/// @param confidenceBps The operator's probability of success, in basis points, held to the threshold.
/// @param deadline Last Unix second at which it may be executed.
/// @param resize Whether the chain takes the best amount up to `amountIn`, by the state it finds, rather than that
/// very amount.
struct ArbitrageOrder {
    uint32[] pools;
    address tokenIn;
    uint256 amountIn;
    uint256 minProfit;
    uint16 confidenceBps;
    uint40 deadline;
    bool resize;
}

/// @notice A pool as a reader sees it.
/// @param registered Whether arbitrages may use it.
struct PoolView {
    uint32 id;
    bool registered;
    Venue venue;
    address pool;
    address factory;
    address token0;
    address token1;
    uint24 fee;
}

/// @notice The AMM bots' score and capital in one token. Amounts in its raw units.
/// @param executed Arbitrages that started in it.
/// @param profit All of them made.
/// @param best The most that one of them made.
/// @param volume All that first hops took.
/// @param capital What the books hold of it for the AMM bots, profit included.
/// @param maxAmountIn The most that one arbitrage may put in.
struct AMMTokenStats {
    address token;
    uint256 executed;
    uint256 profit;
    uint256 best;
    uint256 volume;
    uint256 capital;
    uint256 maxAmountIn;
}

/// @notice One hop of an arbitrage, resolved.
/// @param fee Hundredths of a basis point.
struct Hop {
    Venue venue;
    address pool;
    bool zeroForOne;
    uint24 fee;
    address tokenIn;
}
