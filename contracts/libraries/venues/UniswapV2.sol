// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPools} from "../../interfaces/IPools.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {FEE_BASE, Hop, PoolConfig} from "../../types/AmmTypes.sol";
import {Route} from "../../types/MarketTypes.sol";
import {LibCall} from "./LibCall.sol";
import {LibCallback} from "../cycle/LibCallback.sol";
import {LibToken} from "./LibToken.sol";
import {LibView} from "./LibView.sol";

/// @notice The part of Uniswap V2's factory that is needed here.
interface IUniswapV2Factory {
    function getPair(address tokenA, address tokenB) external view returns (address pair);
}

/// @notice The part of a Uniswap V2 pair that is needed here.
interface IUniswapV2Pair {
    function getReserves() external view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast);

    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external;
}

/// @title Uniswap V2, and forks of it: swaps on a pair directly
/// @dev A strike's swap is paid first, so that the pair never calls back. Fees of arbitrages are in hundredths of a
/// basis point, since forks take other ones.
library UniswapV2 {
    uint256 private constant STRIKE_FEE_BASE = 1000;
    uint256 private constant STRIKE_FEE_KEEP = 997;

    function isCanonical(address factory, address pair, address tokenA, address tokenB) internal view returns (bool) {
        return IUniswapV2Factory(factory).getPair(tokenA, tokenB) == pair;
    }

    /// @dev A pair does not know its fee: the owner says it.
    function describe(PoolConfig calldata config) internal pure {
        if (config.fee >= FEE_BASE) revert IPools.InvalidPoolFee(config.pool, config.fee);
    }

    /// @dev A strike's swap. See LibVenue.
    function trade(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        internal
        returns (bool ok, uint256 owed, uint256 stated)
    {
        if (amountSpecified > 0) {
            owed = uint256(amountSpecified);
            return (true, owed, _exactIn(route, owed));
        }
        stated = uint256(-amountSpecified);
        owed = _costOf(route.pool, route.zeroForOne, stated);
        if (owed > allowed) {
            if (mayFail) return (false, 0, 0);
            revert ISwapCallback.CallbackAmountExceeded(owed, allowed);
        }
        LibToken.transfer(route.tokenIn, route.pool, owed);
        take(route.pool, route.zeroForOne, stated, address(this), "");
        return (true, owed, stated);
    }

    /// @dev Swaps an input that the pair has already.
    function swap(Hop memory hop, uint256 amount, address to) internal returns (uint256 amountOut) {
        amountOut = outputOf(hop.pool, hop.zeroForOne, hop.fee, amount);
        take(hop.pool, hop.zeroForOne, amountOut, to, "");
    }

    /// @dev The pair pays `hop.amountOut` first and is paid in its callback.
    function lend(Hop memory hop, address to) internal {
        LibCallback.expect(hop.pool, LibCallback.FLASH_V2);
        // A pair calls back to whom it pays, where there is data, whatever it is.
        take(hop.pool, hop.zeroForOne, hop.amountOut, to, hex"00");
    }

    /// @return out What the pair pays for `amountIn`, to the unit, by the reserves that it knows of.
    function outputOf(address pair, bool zeroForOne, uint256 fee, uint256 amountIn)
        internal
        view
        returns (uint256 out)
    {
        (uint256 reserveIn, uint256 reserveOut) = reserves(pair, zeroForOne);
        uint256 kept = amountIn * (FEE_BASE - fee);
        return kept * reserveOut / (reserveIn * FEE_BASE + kept);
    }

    /// @dev Takes `amount` of the pair, which refuses unless it is paid by the time that this ends: already, or where
    /// there is `data`, in its callback to `to`.
    function take(address pair, bool zeroForOne, uint256 amount, address to, bytes memory data) internal {
        (uint256 out0, uint256 out1) = zeroForOne ? (uint256(0), amount) : (amount, uint256(0));
        try IUniswapV2Pair(pair).swap(out0, out1, to, data) {}
        catch (bytes memory reason) {
            LibCall.fail(pair, reason);
        }
    }

    /// @dev Asks for one unit, with the callback that a flash swap has.
    /// @return done Whether the pair gave it without calling back.
    /// @return reason What it reverted with otherwise.
    function probe(address pair) internal returns (bool done, bytes memory reason) {
        try IUniswapV2Pair(pair).swap(1, 0, address(this), hex"00") {
            done = true;
        } catch (bytes memory why) {
            reason = why;
        }
    }

    /// @dev What `amount` of a token was worth in the other when this second began. The pair has no memory: unknown
    /// once it was traded on in this second, or where it answers something else.
    /// @return quote 0 where unknown.
    function startQuote(address pair, uint256 amount, bool amountIsToken0) internal view returns (uint256 quote) {
        (bool ok, uint256 reserve0, uint256 reserve1, uint256 last,) =
            LibView.ask(pair, IUniswapV2Pair.getReserves.selector, 0, 3);
        if (!ok || last == uint32(block.timestamp) || reserve0 == 0 || reserve1 == 0) return 0;
        if (reserve0 > type(uint112).max || reserve1 > type(uint112).max) return 0;
        return amountIsToken0 ? amount * reserve1 / reserve0 : amount * reserve0 / reserve1;
    }

    function reserves(address pair, bool zeroForOne) internal view returns (uint256 reserveIn, uint256 reserveOut) {
        (bool ok, uint256 reserve0, uint256 reserve1,,) = LibView.ask(pair, IUniswapV2Pair.getReserves.selector, 0, 3);
        if (!ok) revert ISwapCallback.CallFailed(pair, LibView.reason());
        (reserve0, reserve1) = (uint112(reserve0), uint112(reserve1));
        return zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
    }

    /// @dev Pays `amountIn` and takes what the pair pays for it by the reserves that it knows of: what someone gave to the
    /// pair meanwhile stays there, since a gift is not profit. The pair refuses when less than that arrives.
    /// @return stated What the pair gave.
    function _exactIn(Route memory route, uint256 amountIn) private returns (uint256 stated) {
        (uint256 reserveIn, uint256 reserveOut) = reserves(route.pool, route.zeroForOne);
        LibToken.transfer(route.tokenIn, route.pool, amountIn);
        uint256 kept = amountIn * STRIKE_FEE_KEEP;
        stated = kept * reserveOut / (reserveIn * STRIKE_FEE_BASE + kept);
        take(route.pool, route.zeroForOne, stated, address(this), "");
    }

    /// @return amountIn What `amountOut` costs; the greatest number where the pair does not have that much.
    function _costOf(address pair, bool zeroForOne, uint256 amountOut) private view returns (uint256 amountIn) {
        (uint256 reserveIn, uint256 reserveOut) = reserves(pair, zeroForOne);
        if (amountOut >= reserveOut) return type(uint256).max;
        return reserveIn * amountOut * STRIKE_FEE_BASE / ((reserveOut - amountOut) * STRIKE_FEE_KEEP) + 1;
    }
}
