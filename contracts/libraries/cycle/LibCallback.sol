// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {TurnWord, turnOf} from "../../types/TurnWord.sol";
import {LibToken} from "../venues/LibToken.sol";

/// @title Whose callback the diamond waits for, and what for
/// @dev The pool that may call back, what for, the token it may ask for and the most it may ask are in transient storage
/// for the time of the swap; the callback consumes them, so that a second call finds nothing. One context is enough for
/// swaps within a flash: its own was consumed before the first of them began.
library LibCallback {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.AddressSlot;
    using TransientSlot for TransientSlot.Uint256Slot;

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.transient.Callback")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant EXPECTED = 0xaca72f4633f8cdab11af11a05029704bb184ae9a6a971444109166a02442e000;
    bytes32 private constant TOKEN = 0xaca72f4633f8cdab11af11a05029704bb184ae9a6a971444109166a02442e001;
    bytes32 private constant ALLOWED = 0xaca72f4633f8cdab11af11a05029704bb184ae9a6a971444109166a02442e002;

    /// @dev What the callback is for: to be paid (V3 alone asks for that), to go
    /// on with the arbitrage that took the pool's output first, or to begin it, where a manager is unlocked for that.
    uint256 internal constant PAY = 0;
    uint256 internal constant FLASH_V3 = 1;
    uint256 internal constant FLASH_V2 = 2;
    uint256 internal constant UNLOCK = 3;
    /// @dev To be looked at: whether a pool calls back at all. See LibProbe.
    uint256 internal constant PROBE = 4;
    /// @dev To trade for a strike, where a manager is unlocked for that.
    uint256 internal constant TRADE = 5;

    /// @dev Lets `pool` call back, once, to be paid at most `allowed` of `token`.
    function expectPay(address pool, address token, uint256 allowed) internal {
        expect(pool, PAY);
        TOKEN.asAddress().tstore(token);
        ALLOWED.asUint256().tstore(allowed);
    }

    /// @dev Lets `pool` call back, once, for what `kind` says.
    function expect(address pool, uint256 kind) internal {
        EXPECTED.asUint256().tstore(TurnWord.unwrap(turnOf(pool, kind)));
    }

    /// @dev No one may call back any more.
    function forget() internal {
        EXPECTED.asUint256().tstore(0);
    }

    /// @dev For a V3 callback, in `msg.data`, of the pool that may call back and only has to be paid: its turn is taken.
    /// @return due Whether it was that.
    function payIfDue() internal returns (bool due) {
        if (EXPECTED.asUint256().tload() != TurnWord.unwrap(turnOf(msg.sender, PAY))) return false;
        forget();
        (int256 amount0, int256 amount1) = abi.decode(msg.data[4:], (int256, int256));
        pay(uint256(amount0 > 0 ? amount0 : amount1));
        return true;
    }

    /// @dev The callback of the pool in `msg.sender`: it is its turn, and the only one.
    /// @return kind What it was expected for.
    function takeTurn() internal returns (uint256 kind) {
        TurnWord turn = TurnWord.wrap(EXPECTED.asUint256().tload());
        if (msg.sender != turn.pool()) revert ISwapCallback.UnexpectedCallback(msg.sender, turn.pool());
        EXPECTED.asUint256().tstore(0);
        return turn.kind();
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
}
