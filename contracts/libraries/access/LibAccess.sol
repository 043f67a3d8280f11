// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccess} from "../../interfaces/IAccess.sol";
import {
    ACTION_ARBITRAGE,
    ACTION_REBALANCE,
    ACTION_SETTLE,
    ACTION_STRIKE,
    Engine,
    NONCE_WINDOW,
    Operator
} from "../../types/AccessTypes.sol";
import {AccessStorage} from "../storage/AccessStorage.sol";

/// @title Ownership and roles
library LibAccess {
    uint8 private constant ALL_ACTIONS = ACTION_STRIKE | ACTION_SETTLE | ACTION_ARBITRAGE | ACTION_REBALANCE;

    function owner() internal view returns (address) {
        return AccessStorage.load().owner;
    }

    function pendingOwner() internal view returns (address) {
        return AccessStorage.load().pendingOwner;
    }

    function requireOwner() internal view {
        address current = owner();
        if (msg.sender != current) revert IAccess.NotOwner(msg.sender, current);
    }

    function isGuardian(address account) internal view returns (bool) {
        return AccessStorage.load().guardians[account];
    }

    function requireOwnerOrGuardian() internal view {
        if (msg.sender != owner() && !isGuardian(msg.sender)) revert IAccess.NotGuardian(msg.sender);
    }

    /// @dev For the diamond's constructor alone.
    function initOwner(address newOwner) internal {
        if (newOwner == address(0)) revert IAccess.ZeroAddress();
        AccessStorage.load().owner = newOwner;
        emit IAccess.OwnershipTransferred(address(0), newOwner);
    }

    function offerOwnership(address newOwner) internal {
        AccessStorage.load().pendingOwner = newOwner;
        emit IAccess.OwnershipTransferStarted(msg.sender, newOwner);
    }

    function acceptOwnership() internal {
        AccessStorage.Layout storage l = AccessStorage.load();
        if (msg.sender != l.pendingOwner) revert IAccess.NotPendingOwner(msg.sender, l.pendingOwner);
        emit IAccess.OwnershipTransferred(l.owner, msg.sender);
        l.owner = msg.sender;
        l.pendingOwner = address(0);
    }

    function setGuardian(address guardian, bool active) internal {
        if (guardian == address(0)) revert IAccess.ZeroAddress();
        AccessStorage.load().guardians[guardian] = active;
        emit IAccess.GuardianSet(guardian, active);
    }

    function setOperator(address account, uint40 validUntil, uint8 actions, uint64 dailyBudget) internal {
        if (account == address(0)) revert IAccess.ZeroAddress();
        if (validUntil <= block.timestamp || actions == 0 || actions & ~ALL_ACTIONS != 0) {
            revert IAccess.InvalidGrant(account, validUntil, actions);
        }
        Operator storage grant = AccessStorage.load().operators[account];
        // What is in use drains at the old budget's pace up to now, and at the new one's from now on.
        grant.used = uint64(_used(grant));
        grant.usedAt = uint40(block.timestamp);
        grant.validUntil = validUntil;
        grant.actions = actions;
        grant.dailyBudget = dailyBudget;
        emit IAccess.OperatorSet(account, validUntil, actions, dailyBudget);
    }

    function revokeOperator(address account) internal {
        AccessStorage.load().operators[account].validUntil = 0;
        emit IAccess.OperatorRevoked(account, msg.sender);
    }

    function getOperator(address account) internal view returns (Operator memory grant, uint256 available) {
        Operator storage stored = AccessStorage.load().operators[account];
        grant = stored;
        available = _available(grant.dailyBudget, _used(stored));
    }

    function isOperator(address account, uint8 action) internal view returns (bool) {
        Operator storage grant = AccessStorage.load().operators[account];
        return block.timestamp <= grant.validUntil && grant.actions & action != 0;
    }

    /// @return Whether `account` is the owner, or a live operator of any action.
    function isOperatorOrOwner(address account) internal view returns (bool) {
        return isOperator(account, ALL_ACTIONS) || account == owner();
    }

    /// @dev Operators first: most callers are, and the owner's word need not be read for them.
    function requireOperatorOrOwner(uint8 action) internal view {
        if (!isOperator(msg.sender, action) && msg.sender != owner()) requireOperator(action);
    }

    /// @dev The caller must be a live operator that may do `action`.
    /// @return grant The caller's.
    function requireOperator(uint8 action) internal view returns (Operator storage grant) {
        grant = AccessStorage.load().operators[msg.sender];
        if (block.timestamp > grant.validUntil) revert IAccess.NotOperator(msg.sender, grant.validUntil);
        uint8 allowed = grant.actions;
        if (allowed & action == 0) revert IAccess.ActionNotAllowed(msg.sender, action, allowed);
    }

    /// @dev Takes `notional` book units from the caller's budget.
    /// @param grant The caller's.
    function chargeBudget(Operator storage grant, uint256 notional) internal {
        uint256 used = _used(grant);
        uint256 available = _available(grant.dailyBudget, used);
        if (notional > available) revert IAccess.BudgetExceeded(msg.sender, notional, available);
        grant.used = uint64(used + notional);
        grant.usedAt = uint40(block.timestamp);
    }

    function setEngine(address account, uint40 validUntil) internal {
        if (account == address(0)) revert IAccess.ZeroAddress();
        if (validUntil <= block.timestamp) revert IAccess.InvalidGrant(account, validUntil, 0);
        AccessStorage.load().engines[account].validUntil = validUntil;
        emit IAccess.EngineSet(account, validUntil);
    }

    function revokeEngine(address account) internal {
        AccessStorage.load().engines[account].validUntil = 0;
        emit IAccess.EngineRevoked(account, msg.sender);
    }

    function getEngine(address account) internal view returns (Engine memory) {
        return AccessStorage.load().engines[account];
    }

    /// @return engine The account's.
    function requireEngine(address account) internal view returns (Engine storage engine) {
        engine = AccessStorage.load().engines[account];
        if (block.timestamp > engine.validUntil) revert IAccess.EngineNotActive(account, engine.validUntil);
    }

    function isNonceUsed(address account, uint64 nonce) internal view returns (bool) {
        Engine storage engine = AccessStorage.load().engines[account];
        return _isUsed(engine.highestNonce, engine.nonceWindow, nonce);
    }

    /// @param engine The account's.
    function useNonce(address account, Engine storage engine, uint64 nonce) internal {
        (uint256 highest, uint256 window) = (engine.highestNonce, engine.nonceWindow);
        if (_isUsed(highest, window, nonce)) revert IAccess.NonceUsed(account, nonce);
        // The greater less the smaller.
        unchecked {
            if (nonce > highest) {
                uint256 step = nonce - highest;
                window = step < NONCE_WINDOW ? (window << step) | 1 : 1;
                highest = nonce;
            } else {
                window |= 1 << (highest - nonce);
            }
        }
        engine.highestNonce = uint64(highest);
        engine.nonceWindow = uint128(window);
    }

    function _isUsed(uint256 highest, uint256 window, uint256 nonce) private pure returns (bool) {
        if (nonce > highest) return false;
        uint256 age = highest - nonce;
        return age >= NONCE_WINDOW || (window >> age) & 1 == 1;
    }

    /// @dev Unchecked: 64 bits times seconds of 40 bits; time goes on.
    function _used(Operator storage grant) private view returns (uint256) {
        unchecked {
            uint256 drained = uint256(grant.dailyBudget) * (block.timestamp - grant.usedAt) / 1 days;
            uint256 used = grant.used;
            return drained < used ? used - drained : 0;
        }
    }

    function _available(uint256 budget, uint256 used) private pure returns (uint256) {
        return used < budget ? budget - used : 0;
    }
}
