// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Venue} from "./MarketTypes.sol";

/// @dev Pools in an arbitrage.
uint256 constant MIN_HOPS = 2;
uint256 constant MAX_HOPS = 4;

/// @dev 100 % in hundredths of a basis point, the unit of pool fees.
uint256 constant FEE_BASE = 1_000_000;

/// @dev What stands for a fee that the pool's hooks set, in a key of Uniswap V4.
uint24 constant DYNAMIC_FEE = 0x800000;

/// @notice A pool at registration. A pool of more than two tokens is registered by pairs of them.
/// @param factory A factory that the owner has allowed; it must have created the pool. V4: the manager.
/// @param pool The pool. V4: the manager again, which holds all pools.
/// @param fee Hundredths of a basis point: 3000 is 0.3 %. A V3 pool's own; a V2 pair does not know it, so the owner
/// says it; V4: as in the pool's key, `DYNAMIC_FEE` where its hooks set it. Not looked at for Balancer.
/// @param token0 V4: as in the key, zero for ether. Balancer: one of the pool's tokens. Not looked at for V2 and V3.
/// @param token1 As `token0`, and the greater of the two.
/// @param tickSpacing V4: as in the key.
/// @param hooks V4: as in the key; zero, or an address that the owner has allowed.
struct PoolConfig {
    address factory;
    address pool;
    uint24 fee;
    address token0;
    address token1;
    int24 tickSpacing;
    address hooks;
}

/// @notice A registered pool. Of V2 and V3 an arbitrage reads the first word alone: the pool itself says its tokens, cheaper
/// than storage does; of V4 the tokens too, and the hooks where it has some.
/// @param pool V4: the manager, as `factory`.
/// @param poolId What the manager, or Balancer's vault, knows it as; zero for others.
struct AmmPool {
    address pool;
    Venue venue;
    uint24 fee;
    bool registered;
    int24 tickSpacing;
    bool hasHooks;
    address factory;
    address token0;
    address token1;
    bytes32 poolId;
    address hooks;
    address vault;
}

/// @notice What one arbitrage may put in of a token.
/// @param maxAmountIn Raw units; 0: no arbitrage starts in it.
struct TokenCap {
    address token;
    uint128 maxAmountIn;
}

/// @notice What an operator asks for.
/// @param pools Pool ids in the order of the hops, 2 to 4, none twice. Every hop swaps what the one before gave.
/// @param tokenIn What the first hop takes and the last one pays.
/// @param amountIn Raw units of `tokenIn` that the first hop takes; the maximum where `resize` is set.
/// @param minProfit Raw units of `tokenIn`, measured, that it must leave at the least. 0 means 1: none is not enough.
/// @param confidenceBps The operator's probability of success, in basis points; under the threshold it is refused.
/// @param deadline Last Unix second at which it may be executed.
/// @param resize Whether the chain takes the best amount up to `amountIn`, by the state it finds, rather than that
/// very amount.
/// @param modelId The model that found it, for calibration.
struct ArbitrageOrder {
    uint32[] pools;
    address tokenIn;
    uint256 amountIn;
    uint256 minProfit;
    uint16 confidenceBps;
    uint40 deadline;
    bool resize;
    uint16 modelId;
}

/// @notice A pool as view functions return it.
/// @param registered Whether arbitrages may use it.
/// @param token0 Zero where it is ether, which cycles treat as its wrapped token.
/// @param fee Balancer: as it was at registration, rounded down.
/// @param poolId What the V4 manager, or the Balancer vault, knows the pool as; zero for others.
struct PoolView {
    uint32 id;
    bool registered;
    Venue venue;
    address pool;
    address factory;
    address token0;
    address token1;
    uint24 fee;
    bytes32 poolId;
    int24 tickSpacing;
    address hooks;
}

/// @notice The AMM bots' score and capital in one token. Amounts in its raw units.
/// @param executed Arbitrages that started in it.
/// @param profit All of them made.
/// @param best The maximum that one of them made.
/// @param volume All that first hops took; at most 2**112 - 1, where it stays.
/// @param capital What the books hold of it for the AMM bots, profit included.
/// @param maxAmountIn The maximum that one arbitrage may put in.
struct AMMTokenStats {
    address token;
    uint256 executed;
    uint256 profit;
    uint256 best;
    uint256 volume;
    uint256 capital;
    uint256 maxAmountIn;
}

/// @notice One confidence bin of a model's arbitrages: those that were attempted by `attemptArbitrage`, misses included.
/// @param brierSum Sum over them of (confidence - outcome)^2, in units of 1e-6.
struct AttemptBin {
    uint256 attempts;
    uint256 hits;
    uint256 brierSum;
}

/// @notice One hop of an arbitrage, resolved.
/// @param pool As registered.
/// @param fee Hundredths of a basis point.
/// @param etherIn Whether the pool takes ether, where the cycle has its wrapped token.
/// @param etherOut Whether the pool pays ether, where the cycle has its wrapped token.
/// @param amountOut What it will pay, where that has to be known before it is paid. Raw units.
struct Hop {
    uint32 id;
    Venue venue;
    address pool;
    bool zeroForOne;
    bool etherIn;
    bool etherOut;
    uint24 fee;
    address tokenIn;
    uint256 amountOut;
}
