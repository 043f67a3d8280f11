// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {BalancerV2} from "../libraries/venues/BalancerV2.sol";
import {LibView} from "../libraries/venues/LibView.sol";
import {UniswapV2} from "../libraries/venues/UniswapV2.sol";
import {UniswapV3} from "../libraries/venues/UniswapV3.sol";
import {PoolKey, UniswapV4} from "../libraries/venues/UniswapV4.sol";
import {AmmPool, Hop} from "../types/AmmTypes.sol";
import {Route} from "../types/MarketTypes.sol";

/// @title What the venues' libraries make of pools that answer anything
contract VenueProbe {
    AmmPool private record;

    /// @return a As of `BalancerV2.fitted`, for `amount` of the hop's input.
    /// @return b As `a`.
    function fitted(Hop calldata hop, address vault, bytes32 poolId, address tokenOut, uint256 amount)
        external
        returns (uint256 a, uint256 b)
    {
        (record.vault, record.poolId) = (vault, poolId);
        return BalancerV2.fitted(hop, record, tokenOut, amount);
    }

    function balancerSwap(
        Hop calldata hop,
        address vault,
        bytes32 poolId,
        address tokenOut,
        uint256 amount,
        uint256 balanceBefore,
        address to
    ) external returns (uint256 amountOut) {
        (record.vault, record.poolId) = (vault, poolId);
        return BalancerV2.swap(hop, record, tokenOut, amount, balanceBefore, to);
    }

    function v4Open(Hop calldata hop) external returns (address to) {
        return UniswapV4.open(hop);
    }

    function v4Close(Hop calldata hop, uint256 balanceBefore, uint256 stated) external {
        UniswapV4.close(hop, balanceBefore, stated);
    }

    function v4Swap(address manager, PoolKey calldata key, bool zeroForOne, int256 amount)
        external
        returns (uint256 spent, uint256 amountOut)
    {
        return UniswapV4.swapKey(manager, key, zeroForOne, amount);
    }

    function word(address target, bytes4 selector) external view returns (uint256) {
        return LibView.word(target, selector);
    }

    function v2Trade(Route calldata route, int256 amount, uint256 allowed, bool mayFail)
        external
        returns (bool ok, uint256 owed, uint256 stated)
    {
        return UniswapV2.trade(route, amount, allowed, mayFail);
    }

    function v2Swap(Hop calldata hop, uint256 amount, address to) external returns (uint256 amountOut) {
        return UniswapV2.swap(hop, amount, to);
    }

    function v2Lend(Hop calldata hop, address to) external {
        UniswapV2.lend(hop, to);
    }

    function v3Trade(Route calldata route, int256 amount, bool mayFail)
        external
        returns (bool ok, uint256 owed, uint256 stated)
    {
        return UniswapV3.trade(route, amount, 0, mayFail);
    }

    function v3Lend(Hop calldata hop, uint256 due, address to) external {
        UniswapV3.lend(hop, due, to);
    }

    function v2Probe(address pair) external returns (bool done, bytes memory reason) {
        return UniswapV2.probe(pair);
    }

    function v3Probe(address pool) external returns (bool done, bytes memory reason) {
        return UniswapV3.probe(pool);
    }

    function v2StartQuote(address pair, uint256 amount, bool amountIsToken0) external view returns (uint256) {
        return UniswapV2.startQuote(pair, amount, amountIsToken0);
    }

    function v2Reserves(address pair, bool zeroForOne) external view returns (uint256, uint256) {
        return UniswapV2.reserves(pair, zeroForOne);
    }

    function v3Reserves(address pool, bool zeroForOne) external view returns (uint256, uint256) {
        return UniswapV3.virtualReserves(pool, zeroForOne);
    }

    function v4Reserves(address manager, bytes32 poolId, bool zeroForOne)
        external
        view
        returns (uint256, uint256, uint256)
    {
        return UniswapV4.virtualReserves(manager, poolId, zeroForOne);
    }

    function memoryOf(address pool) external view returns (uint256) {
        return UniswapV3.memoryOf(pool);
    }

    function look(address pool, uint256 window, uint256 back) external view returns (int256, int256, uint256) {
        return UniswapV3.look(pool, window, back);
    }

    function exactMeanTicks(address pool, uint256 long, uint256 short) external view returns (bool, int256, int256) {
        return UniswapV3.exactMeanTicks(pool, long, short);
    }

    function startTick(address pool) external view returns (int256) {
        return UniswapV3.startTick(pool);
    }

    function quoteAtTick(int256 tick, uint256 amount, bool amountIsToken0) external pure returns (uint256) {
        return UniswapV3.quoteAtTick(tick, amount, amountIsToken0);
    }

    /// @return The power of e, times 10^18.
    function expWad(int256 power) external pure returns (uint256) {
        return uint256(FixedPointMathLib.expWad(power));
    }
}
