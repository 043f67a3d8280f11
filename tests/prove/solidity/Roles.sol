// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibAccess} from "../../../contracts/libraries/access/LibAccess.sol";
import {LibFleet} from "../../../contracts/libraries/fleet/LibFleet.sol";
import {AccessStorage} from "../../../contracts/libraries/storage/AccessStorage.sol";
import {Engine, Operator} from "../../../contracts/types/AccessTypes.sol";
import {CoreWord} from "../../../contracts/types/CoreWord.sol";

/// @title Threshold, nonces and budgets, whatever storage holds
contract Roles {
    function check_the_threshold_is_never_under_9300(uint256 core) external {
        LibFleet.store(CoreWord.wrap(core));
        assert(LibFleet.threshold() >= 9300);
    }

    function check_no_threshold_under_9300_can_be_set(uint256 core, uint16 threshold, uint16 min) external {
        LibFleet.store(CoreWord.wrap(core));
        if (min < 9300) return; // what both of its callers give
        LibFleet.setThreshold(threshold, min);
        assert(LibFleet.threshold() == threshold && threshold >= 9300 && threshold <= 10_000);
    }

    /// @dev With the next one, by induction: no nonce is taken twice. Whose it is, is an input too: the prover does not know
    /// a slot that the compiler has hashed.
    function check_a_nonce_that_was_taken_is_used(address engine, uint64 highest, uint128 window, uint64 nonce)
        external
    {
        Engine storage signer = _grant(engine, highest, window);
        LibAccess.useNonce(engine, signer, nonce);
        assert(LibAccess.isNonceUsed(engine, nonce));
    }

    function check_a_used_nonce_stays_used_and_is_refused(
        address engine,
        uint64 highest,
        uint128 window,
        uint64 nonce,
        uint64 other
    ) external {
        Engine storage signer = _grant(engine, highest, window);
        bool used = LibAccess.isNonceUsed(engine, other);
        LibAccess.useNonce(engine, signer, nonce);
        assert(!used || (nonce != other && LibAccess.isNonceUsed(engine, other)));
    }

    function check_a_nonce_of_the_window_stays_free(
        address engine,
        uint64 highest,
        uint128 window,
        uint64 nonce,
        uint64 other
    ) external {
        Engine storage signer = _grant(engine, highest, window);
        bool used = LibAccess.isNonceUsed(engine, other);
        LibAccess.useNonce(engine, signer, nonce);
        uint256 top = nonce > highest ? nonce : highest;
        bool within = uint256(other) + 128 > top;
        assert(used || other == nonce || !within || !LibAccess.isNonceUsed(engine, other));
    }

    /// @dev In the second of the grant's last use: what has drained since is a product, which the solver can't do. More
    /// than the budget can be in use, once a smaller one was granted: then nothing can be charged.
    function check_no_charge_exceeds_the_budget(uint64 budget, uint64 used, uint256 notional) external {
        Operator storage grant = AccessStorage.load().operators[msg.sender];
        (grant.dailyBudget, grant.used, grant.usedAt) = (budget, used, uint40(block.timestamp));
        LibAccess.chargeBudget(grant, notional);
        assert(notional == 0 || grant.used <= budget);
        assert(grant.used == used + notional);
    }

    function _grant(address account, uint64 highest, uint128 window) private returns (Engine storage engine) {
        engine = AccessStorage.load().engines[account];
        (engine.highestNonce, engine.nonceWindow) = (highest, window);
    }
}
