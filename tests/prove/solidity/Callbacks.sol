// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibCallback} from "../../../contracts/libraries/cycle/LibCallback.sol";

interface Cheats {
    function prank(address sender) external;
}

contract Turn {
    function expect(address pool, uint256 kind) external {
        LibCallback.expect(pool, kind);
    }

    function expectPay(address pool, address token, uint256 allowed) external {
        LibCallback.expectPay(pool, token, allowed);
    }

    function take() external returns (uint256 kind) {
        return LibCallback.takeTurn();
    }

    function forget() external {
        LibCallback.forget();
    }

    function requireTaken(address pool) external view {
        LibCallback.requireTurnTaken(pool);
    }
}

/// @title A callback is the expected pool's, and its only one
contract Callbacks {
    Cheats private constant VM = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));

    Turn private turn;

    function setUp() external {
        turn = new Turn();
    }

    function check_only_the_expected_pool_calls_back_and_once(address pool, uint256 kind, address caller, address next)
        external
    {
        if (kind > LibCallback.PROBE || caller == address(0) || next == address(0)) return;
        turn.expect(pool, kind);
        VM.prank(caller);
        try turn.take() returns (uint256 taken) {
            assert(caller == pool && taken == kind);
            VM.prank(next);
            try turn.take() {
                assert(false);
            } catch {}
        } catch {
            assert(caller != pool);
        }
    }

    function check_what_was_not_taken_is_found(address pool, uint256 kind, address token, uint256 allowed) external {
        if (kind > LibCallback.PROBE || pool == address(0)) return;
        if (kind == LibCallback.PAY) turn.expectPay(pool, token, allowed);
        else turn.expect(pool, kind);
        try turn.requireTaken(pool) {
            assert(false);
        } catch {}
    }

    function check_without_a_swap_no_one_calls_back(address pool, uint256 kind, address caller) external {
        if (caller == address(0)) return;
        turn.expect(pool, kind & 7);
        turn.forget();
        VM.prank(caller);
        try turn.take() {
            assert(false);
        } catch {}
    }
}
