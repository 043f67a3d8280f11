// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {LibToken} from "../venues/LibToken.sol";
import {UniswapV2} from "../venues/UniswapV2.sol";
import {UniswapV3} from "../venues/UniswapV3.sol";

/// @title One swap on one pool, believed only as far as balances show it
/// @dev The pool that may call back, what for, the token it may ask for and the most it may ask are in transient storage
/// for the time of the swap; the callback consumes them, so that a second call finds nothing. One context is enough for
/// swaps within a flash: its own was consumed before the first of them began.
library LibSwap {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.AddressSlot;
    using TransientSlot for TransientSlot.Uint256Slot;

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.transient.Callback")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant EXPECTED = 0xaca72f4633f8cdab11af11a05029704bb184ae9a6a971444109166a02442e000;
    bytes32 private constant TOKEN = 0xaca72f4633f8cdab11af11a05029704bb184ae9a6a971444109166a02442e001;
    bytes32 private constant ALLOWED = 0xaca72f4633f8cdab11af11a05029704bb184ae9a6a971444109166a02442e002;

    /// @dev What the callback is for, above the pool's address in its word: to be paid (V3 alone asks for that), to go
    /// on with the arbitrage that took the pool's output first, or to begin it, where a manager is unlocked for that.
    uint256 internal constant PAY = 0;
    uint256 internal constant FLASH_V3 = 1;
    uint256 internal constant FLASH_V2 = 2;
    uint256 internal constant UNLOCK = 3;
    /// @dev To be looked at: whether a pool calls back at all. See LibProbe.
    uint256 internal constant PROBE = 4;
    uint256 private constant KIND_SHIFT = 160;

    struct Route {
        Venue venue;
        address pool;
        bool zeroForOne;
        address tokenIn;
        address tokenOut;
    }

    /// @dev Swaps exactly `amountIn`. All of it must go.
    /// @return received Measured.
    function exactIn(Route memory route, uint256 amountIn) internal returns (uint256 received) {
        uint256 spent;
        (, spent, received) = _swap(route, int256(amountIn), amountIn, false);
        if (spent != amountIn) revert ISwapCallback.PartialFill(spent, amountIn);
    }

    /// @dev Swaps for exactly `amountOut`. All of it must come.
    /// @return spent Measured; at most `maxIn`, since the callback pays no more.
    function exactOut(Route memory route, uint256 amountOut, uint256 maxIn) internal returns (uint256 spent) {
        uint256 received;
        (, spent, received) = _swap(route, -int256(amountOut), maxIn, false);
        if (received != amountOut) revert ISwapCallback.PartialFill(received, amountOut);
    }

    /// @dev Buys `amountOut` back, or what `maxIn` buys where that does not suffice: a short's loss ends at its
    /// margin.
    function buyBack(Route memory route, uint256 amountOut, uint256 maxIn)
        internal
        returns (uint256 spent, uint256 received)
    {
        bool ok;
        (ok, spent, received) = _swap(route, -int256(amountOut), maxIn, true);
        if (!ok) return (maxIn, exactIn(route, maxIn));
        if (received != amountOut) revert ISwapCallback.PartialFill(received, amountOut);
    }

    /// @dev Lets `pool` call back, once, to be paid at most `allowed` of `token`.
    function expectPay(address pool, address token, uint256 allowed) internal {
        EXPECTED.asUint256().tstore(uint160(pool));
        TOKEN.asAddress().tstore(token);
        ALLOWED.asUint256().tstore(allowed);
    }

    /// @dev Lets `pool` call back, once, for the arbitrage to go on or to begin.
    function expect(address pool, uint256 kind) internal {
        EXPECTED.asUint256().tstore((kind << KIND_SHIFT) | uint160(pool));
    }

    /// @dev No one may call back any more.
    function forget() internal {
        EXPECTED.asUint256().tstore(0);
    }

    /// @dev For a V3 callback, in `msg.data`, of the pool that may call back and only has to be paid: its turn is taken.
    /// @return due Whether it was that.
    function payIfDue() internal returns (bool due) {
        if (EXPECTED.asUint256().tload() != uint160(msg.sender)) return false;
        forget();
        (int256 amount0, int256 amount1) = abi.decode(msg.data[4:], (int256, int256));
        pay(uint256(amount0 > 0 ? amount0 : amount1));
        return true;
    }

    /// @dev The callback of the pool in `msg.sender`: it is its turn, and the only one.
    /// @return kind What it was expected for.
    function takeTurn() internal returns (uint256 kind) {
        uint256 expected = EXPECTED.asUint256().tload();
        if (msg.sender != address(uint160(expected))) {
            revert ISwapCallback.UnexpectedCallback(msg.sender, address(uint160(expected)));
        }
        EXPECTED.asUint256().tstore(0);
        return expected >> KIND_SHIFT;
    }

    /// @dev Pays the pool whose turn it is what it says that it is owed.
    function pay(uint256 amount) internal {
        uint256 allowed = ALLOWED.asUint256().tload();
        if (amount > allowed) revert ISwapCallback.CallbackAmountExceeded(amount, allowed);
        LibToken.transfer(TOKEN.asAddress().tload(), msg.sender, amount);
    }

    /// @dev A pool that gave its output and did not call back must not be able to later.
    function requireTurnTaken(address pool) internal view {
        if (EXPECTED.asUint256().tload() != 0) revert ISwapCallback.CallbackMissing(pool);
    }

    function _swap(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        private
        returns (bool ok, uint256 spent, uint256 received)
    {
        uint256 balanceIn = SafeTransferLib.balanceOf(route.tokenIn, address(this));
        uint256 balanceOut = SafeTransferLib.balanceOf(route.tokenOut, address(this));
        uint256 owed;
        uint256 stated;
        (ok, owed, stated) = route.venue == Venue.UniswapV3
            ? _swapV3(route, amountSpecified, allowed, mayFail)
            : _swapV2(route, amountSpecified, allowed, mayFail);
        // A balance that moved the wrong way counts as none, and is refused below by name.
        spent = FixedPointMathLib.zeroFloorSub(balanceIn, SafeTransferLib.balanceOf(route.tokenIn, address(this)));
        received = FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(route.tokenOut, address(this)), balanceOut);
        // That the balances were read before the call is what makes this a measure. All that swaps is guarded.
        // slither-disable-start reentrancy-balance
        // A token that charges its sender would take more than the strike's lots cover.
        if (spent > allowed) revert ISwapCallback.UnfaithfulToken(route.tokenIn, spent, allowed);
        // Tokens that someone gave while the diamond bought are a donation, and no cheaper price.
        if (amountSpecified < 0 && spent < owed) revert ISwapCallback.UnfaithfulToken(route.tokenIn, spent, owed);
        // One that takes a fee on its way here would take one on its way back too, and trap the strike.
        if (received != stated) revert ISwapCallback.UnfaithfulToken(route.tokenOut, received, stated);
        // slither-disable-end reentrancy-balance
    }

    function _swapV3(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        private
        returns (bool ok, uint256 owed, uint256 stated)
    {
        expectPay(route.pool, route.tokenIn, allowed);
        (ok, owed, stated) = UniswapV3.swap(route.pool, route.zeroForOne, amountSpecified, mayFail);
        // A pool that did not call back must not be able to later.
        EXPECTED.asUint256().tstore(0);
    }

    function _swapV2(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        private
        returns (bool ok, uint256 owed, uint256 stated)
    {
        if (amountSpecified > 0) {
            owed = uint256(amountSpecified);
            return (true, owed, UniswapV2.swapExactIn(route.pool, route.zeroForOne, route.tokenIn, owed));
        }
        stated = uint256(-amountSpecified);
        owed = UniswapV2.costOf(route.pool, route.zeroForOne, stated);
        if (owed > allowed) {
            if (mayFail) return (false, 0, 0);
            revert ISwapCallback.CallbackAmountExceeded(owed, allowed);
        }
        UniswapV2.swapExactOut(route.pool, route.zeroForOne, route.tokenIn, stated, owed);
        return (true, owed, stated);
    }
}
