// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {Hop} from "../../types/AmmTypes.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {LibAmm} from "./LibAmm.sol";
import {LibNative} from "./LibNative.sol";
import {LibSwap} from "../strike/LibSwap.sol";
import {BalancerV2} from "../venues/BalancerV2.sol";
import {LibToken} from "../venues/LibToken.sol";
import {UniswapV2} from "../venues/UniswapV2.sol";
import {UniswapV3} from "../venues/UniswapV3.sol";
import {UniswapV4} from "../venues/UniswapV4.sol";

/// @title One hop of an arbitrage, whatever its venue: where it wants its input, and what it gives for it
/// @dev An input comes in three steps: `open` says where to, it is sent there, and `close` looks what came. A V2 pair is
/// paid directly and looks itself; V4's manager is paid directly and says what it saw; all else comes to the diamond and
/// is measured there.
library LibHop {
    /// @dev Where an output stays that the manager owes to one hop and is owed by the next: nowhere.
    address internal constant CREDIT = address(0);

    /// @return to Where the hop wants its input.
    /// @return balanceBefore Of that at the diamond before, where that is it.
    function open(Hop memory hop) internal returns (address to, uint256 balanceBefore) {
        if (hop.venue == Venue.UniswapV2) return (hop.pool, 0);
        if (hop.venue == Venue.UniswapV4 && !hop.etherIn) {
            UniswapV4.sync(hop.pool, hop.tokenIn);
            return (hop.pool, 0);
        }
        return (address(this), SafeTransferLib.balanceOf(hop.tokenIn, address(this)));
    }

    /// @param stated What is said to have come.
    function close(Hop memory hop, uint256 balanceBefore, uint256 stated) internal {
        if (hop.venue == Venue.UniswapV2) return;
        if (hop.venue == Venue.UniswapV4 && !hop.etherIn) {
            uint256 paid = UniswapV4.settle(hop.pool);
            if (paid != stated) revert ISwapCallback.UnfaithfulToken(hop.tokenIn, paid, stated);
            return;
        }
        requireArrived(hop.tokenIn, balanceBefore, stated);
        if (hop.venue == Venue.UniswapV4) {
            LibNative.unwrap(hop.tokenIn, stated);
            UniswapV4.settleEther(hop.pool, stated);
        }
    }

    /// @dev Swaps an input that is where `open` said.
    /// @param balanceBefore Of the input at the diamond before it came, where that is where it is.
    /// @param to Where the output goes.
    /// @return amountOut What the pool says it delivered.
    function swap(Hop memory hop, address tokenOut, uint256 amount, uint256 balanceBefore, address to)
        internal
        returns (uint256 amountOut)
    {
        if (hop.venue == Venue.UniswapV2) {
            amountOut = UniswapV2.outputOf(hop.pool, hop.zeroForOne, hop.fee, amount);
            UniswapV2.take(hop.pool, hop.zeroForOne, amountOut, to, "");
        } else if (hop.venue == Venue.UniswapV3) {
            LibSwap.expectPay(hop.pool, hop.tokenIn, amount);
            amountOut = UniswapV3.swapTo(hop.pool, to, hop.zeroForOne, amount);
            LibSwap.requireTurnTaken(hop.pool);
            _requireSpent(hop.tokenIn, balanceBefore, amount);
        } else if (hop.venue == Venue.UniswapV4) {
            amountOut = _swapV4(hop, tokenOut, amount, to);
        } else {
            amountOut = swapBalancer(hop, tokenOut, amount, balanceBefore, to);
        }
    }

    /// @dev As `swap`.
    function swapBalancer(Hop memory hop, address tokenOut, uint256 amount, uint256 balanceBefore, address to)
        internal
        returns (uint256 amountOut)
    {
        (address vault, bytes32 poolId) = LibAmm.balancerOf(hop.id);
        amountOut = BalancerV2.swap(vault, poolId, hop.tokenIn, tokenOut, amount, to);
        _requireSpent(hop.tokenIn, balanceBefore, amount);
    }

    /// @dev V2 and Balancer alone tell beforehand.
    /// @return amountOut What the pool will give for `amount`, to the unit.
    function quote(Hop memory hop, address tokenOut, uint256 amount) internal returns (uint256 amountOut) {
        if (hop.venue == Venue.UniswapV2) return UniswapV2.outputOf(hop.pool, hop.zeroForOne, hop.fee, amount);
        (address vault, bytes32 poolId) = LibAmm.balancerOf(hop.id);
        return BalancerV2.quote(vault, poolId, hop.tokenIn, tokenOut, amount);
    }

    function requireArrived(address token, uint256 balanceBefore, uint256 stated) internal view {
        uint256 measured =
            FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(token, address(this)), balanceBefore);
        if (measured != stated) revert ISwapCallback.UnfaithfulToken(token, measured, stated);
    }

    /// @dev Whether the manager owes to `hop` what it is owed by `next`, in one currency.
    function isCredit(Hop memory hop, Hop memory next) internal pure returns (bool) {
        return hop.venue == Venue.UniswapV4 && next.venue == Venue.UniswapV4 && hop.etherOut == next.etherIn;
    }

    function isBalancer(Venue venue) internal pure returns (bool) {
        return venue == Venue.BalancerWeighted || venue == Venue.BalancerStable;
    }

    function _swapV4(Hop memory hop, address tokenOut, uint256 amount, address to) private returns (uint256 amountOut) {
        uint256 spent;
        (spent, amountOut) = UniswapV4.swap(hop.pool, LibAmm.keyOf(hop.id), hop.zeroForOne, amount);
        if (spent != amount) revert ISwapCallback.PartialFill(spent, amount);
        if (to == CREDIT) return amountOut;
        if (!hop.etherOut) {
            UniswapV4.take(hop.pool, tokenOut, to, amountOut);
            return amountOut;
        }
        LibNative.takeWrapped(hop.pool, tokenOut, amountOut);
        if (to != address(this)) LibToken.transfer(tokenOut, to, amountOut);
    }

    function _requireSpent(address token, uint256 balanceBefore, uint256 amount) private view {
        uint256 left = SafeTransferLib.balanceOf(token, address(this));
        uint256 spent = FixedPointMathLib.zeroFloorSub(balanceBefore + amount, left);
        if (spent != amount) revert ISwapCallback.PartialFill(spent, amount);
    }
}
