// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAMMBot} from "../interfaces/IAMMBot.sol";
import {IAccess} from "../interfaces/IAccess.sol";
import {IStrikeBot} from "../interfaces/IStrikeBot.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3.sol";
import {ACTION_ARBITRAGE, BPS, MIN_CONFIDENCE_BPS} from "../types/AccessTypes.sol";
import {ArbitrageOrder, FEE_BASE, Hop, MAX_HOPS, MIN_HOPS} from "../types/AmmTypes.sol";
import {Venue} from "../types/MarketTypes.sol";
import {FleetCore} from "../types/StrikeTypes.sol";
import {LibAccess} from "./LibAccess.sol";
import {LibAmm} from "./LibAmm.sol";
import {LibFlash} from "./LibFlash.sol";
import {LibFleet} from "./LibFleet.sol";
import {LibStrike} from "./LibStrike.sol";
import {LibTreasury} from "./LibTreasury.sol";
import {UniswapV2} from "./venues/UniswapV2.sol";
import {UniswapV3} from "./venues/UniswapV3.sol";

/// @title Arbitrage: gates, route, size, books
library LibArbitrage {
    uint256 private constant ID_BITS = 32;

    function execute(ArbitrageOrder calldata order) internal returns (uint256 amountIn, uint256 profit) {
        FleetCore memory core = LibFleet.core();
        if (LibFleet.isPaused(core)) revert IAccess.EnforcedPause();
        if (LibFleet.isHalted(core)) revert IStrikeBot.FleetHalted();
        LibAccess.requireOperator(ACTION_ARBITRAGE);
        _admit(order, core);
        (Hop[] memory hops, uint256 ids) = _route(order);
        amountIn = _size(order, hops);
        LibAmm.requireUnderCap(order.tokenIn, amountIn);
        if (order.tokenIn == LibTreasury.quote()) {
            LibAccess.chargeBudget(FixedPointMathLib.divUp(amountIn, LibStrike.unit(core)));
        }
        profit = LibFlash.run(hops, amountIn, order.minProfit);
        LibAmm.book(order.tokenIn, amountIn, profit);
        emit IAMMBot.ArbitrageExecuted(msg.sender, order.tokenIn, amountIn, profit, ids);
    }

    /// @dev Executes the swaps, asking for no leave. Whoever calls this undoes them.
    function trial(ArbitrageOrder calldata order) internal returns (uint256 amountIn, uint256 profit) {
        (Hop[] memory hops,) = _route(order);
        amountIn = _size(order, hops);
        profit = LibFlash.run(hops, amountIn, 0);
    }

    /// @param reason What a trial failed with.
    function quoted(bytes memory reason) internal pure returns (uint256 amountIn, int256 profit) {
        bytes4 selector = bytes4(reason);
        bool told = selector == IAMMBot.ArbitrageQuoted.selector || selector == IAMMBot.NotProfitable.selector;
        // Both begin with the amount and the profit.
        assembly ("memory-safe") {
            if iszero(told) { revert(add(reason, 0x20), mload(reason)) }
            amountIn := mload(add(reason, 0x24))
            profit := mload(add(reason, 0x44))
        }
    }

    function _admit(ArbitrageOrder calldata order, FleetCore memory core) private view {
        if (block.timestamp > order.deadline) revert IAMMBot.OrderExpired(order.deadline, block.timestamp);
        uint256 threshold = uint256(MIN_CONFIDENCE_BPS) + core.thresholdOverBps;
        if (order.confidenceBps < threshold) revert IAccess.ConfidenceTooLow(order.confidenceBps, threshold);
        if (order.confidenceBps > BPS) revert IAccess.ConfidenceOutOfRange(order.confidenceBps);
    }

    /// @dev The hops, each in the direction that the one before it leaves. The pools themselves say their tokens.
    /// @return hops The hops.
    /// @return ids The pools' ids, packed.
    function _route(ArbitrageOrder calldata order) private view returns (Hop[] memory hops, uint256 ids) {
        uint256 count = order.pools.length;
        if (count < MIN_HOPS || count > MAX_HOPS) revert IAMMBot.InvalidHops(count);
        hops = new Hop[](count);
        address token = order.tokenIn;
        for (uint256 i; i < count; ++i) {
            uint32 id = order.pools[i];
            Hop memory hop = hops[i];
            (hop.pool, hop.venue, hop.fee) = LibAmm.poolAt(id);
            hop.tokenIn = token;
            for (uint256 j; j < i; ++j) {
                if (order.pools[j] == id) revert IAMMBot.PoolRepeated(id);
                if (hops[j].tokenIn == token) revert IAMMBot.TokenRepeated(token);
            }
            (hop.zeroForOne, token) = _across(id, hop.pool, token);
            ids |= uint256(id) << (ID_BITS * i);
        }
        if (token != order.tokenIn) revert IAMMBot.CycleNotClosed(order.tokenIn, token);
    }

    function _across(uint32 id, address pool, address tokenIn)
        private
        view
        returns (bool zeroForOne, address tokenOut)
    {
        address token0 = IUniswapV3Pool(pool).token0();
        address token1 = IUniswapV3Pool(pool).token1();
        if (tokenIn == token0) return (true, token1);
        if (tokenIn != token1) revert IAMMBot.TokenNotInPool(id, tokenIn);
        return (false, token0);
    }

    function _size(ArbitrageOrder calldata order, Hop[] memory hops) private view returns (uint256 amountIn) {
        if (order.amountIn == 0) revert ITreasury.ZeroAmount();
        if (!order.resize) return order.amountIn;
        amountIn = FixedPointMathLib.min(_best(hops), order.amountIn);
        if (amountIn == 0) revert IAMMBot.NotProfitable(0, 0, order.minProfit);
    }

    /// @dev Each pool gives out = b x / (a + x) for x, where a and b are its reserves, a with the fee on top. A row of
    /// such pools is one more such pool; b x / (a + x) - x is greatest at x = sqrt(a b) - a.
    function _best(Hop[] memory hops) private view returns (uint256) {
        (uint256 a, uint256 b) = _reserves(hops[0]);
        for (uint256 i = 1; i < hops.length; ++i) {
            (uint256 nextA, uint256 nextB) = _reserves(hops[i]);
            uint256 sum = nextA + b;
            if (sum == 0) return 0;
            a = FixedPointMathLib.fullMulDiv(a, nextA, sum);
            b = FixedPointMathLib.fullMulDiv(b, nextB, sum);
        }
        return FixedPointMathLib.zeroFloorSub(FixedPointMathLib.mulSqrt(a, b), a);
    }

    function _reserves(Hop memory hop) private view returns (uint256 a, uint256 b) {
        (a, b) = hop.venue == Venue.UniswapV3
            ? UniswapV3.virtualReserves(hop.pool, hop.zeroForOne)
            : UniswapV2.reserves(hop.pool, hop.zeroForOne);
        a = FixedPointMathLib.fullMulDiv(a, FEE_BASE, FEE_BASE - hop.fee);
    }
}
