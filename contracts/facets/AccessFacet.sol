// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAccess} from "../interfaces/IAccess.sol";
import {IFacet} from "../interfaces/IFacet.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibFleet} from "../libraries/fleet/LibFleet.sol";
import {LibScore} from "../libraries/fleet/LibScore.sol";
import {Engine, MIN_CONFIDENCE_BPS, Operator} from "../types/AccessTypes.sol";

/// @title Who may do what
contract AccessFacet is IAccess, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IAccess
    function owner() external view returns (address) {
        return LibAccess.owner();
    }

    /// @inheritdoc IAccess
    function pendingOwner() external view returns (address) {
        return LibAccess.pendingOwner();
    }

    /// @inheritdoc IAccess
    function transferOwnership(address newOwner) external {
        LibAccess.requireOwner();
        LibAccess.offerOwnership(newOwner);
    }

    /// @inheritdoc IAccess
    function acceptOwnership() external {
        LibAccess.acceptOwnership();
    }

    /// @inheritdoc IAccess
    function setOperator(address operator, uint40 validUntil, uint8 actions, uint64 dailyBudget) external {
        LibAccess.requireOwner();
        LibAccess.setOperator(operator, validUntil, actions, dailyBudget);
    }

    /// @inheritdoc IAccess
    function revokeOperator(address operator) external {
        LibAccess.requireOwnerOrGuardian();
        LibAccess.revokeOperator(operator);
    }

    /// @inheritdoc IAccess
    function getOperator(address operator)
        external
        view
        returns (uint40 validUntil, uint8 actions, uint64 dailyBudget, uint256 available)
    {
        Operator memory grant;
        (grant, available) = LibAccess.getOperator(operator);
        return (grant.validUntil, grant.actions, grant.dailyBudget, available);
    }

    /// @inheritdoc IAccess
    function setEngine(address engine, uint40 validUntil) external {
        LibAccess.requireOwner();
        LibAccess.setEngine(engine, validUntil);
    }

    /// @inheritdoc IAccess
    function revokeEngine(address engine) external {
        LibAccess.requireOwnerOrGuardian();
        LibAccess.revokeEngine(engine);
    }

    /// @inheritdoc IAccess
    function setModel(uint16 modelId, address engine) external {
        LibAccess.requireOwner();
        LibScore.setModel(modelId, engine);
    }

    /// @inheritdoc IAccess
    function revokeModel(uint16 modelId) external {
        LibAccess.requireOwnerOrGuardian();
        LibScore.revokeModel(modelId);
    }

    /// @inheritdoc IAccess
    function getEngine(address engine) external view returns (uint40 validUntil, uint64 highestNonce) {
        Engine memory grant = LibAccess.getEngine(engine);
        return (grant.validUntil, grant.highestNonce);
    }

    /// @inheritdoc IAccess
    function isNonceUsed(address engine, uint64 nonce) external view returns (bool) {
        return LibAccess.isNonceUsed(engine, nonce);
    }

    /// @inheritdoc IAccess
    function setGuardian(address guardian, bool active) external {
        LibAccess.requireOwner();
        LibAccess.setGuardian(guardian, active);
    }

    /// @inheritdoc IAccess
    function isGuardian(address account) external view returns (bool) {
        return LibAccess.isGuardian(account);
    }

    /// @inheritdoc IAccess
    function pause() external nonReentrant {
        LibAccess.requireOwnerOrGuardian();
        LibFleet.pause();
    }

    /// @inheritdoc IAccess
    function unpause() external nonReentrant {
        LibAccess.requireOwner();
        LibFleet.unpause();
    }

    /// @inheritdoc IAccess
    function paused() external view returns (bool) {
        return LibFleet.core().isPaused();
    }

    /// @inheritdoc IAccess
    function stopTakeovers() external nonReentrant {
        LibAccess.requireOwnerOrGuardian();
        LibFleet.stopTakeovers();
    }

    /// @inheritdoc IAccess
    function allowTakeovers() external nonReentrant {
        LibAccess.requireOwner();
        LibFleet.allowTakeovers();
    }

    /// @inheritdoc IAccess
    function takeoversStopped() external view returns (bool) {
        return LibFleet.takeoversStopped();
    }

    /// @inheritdoc IAccess
    function setThreshold(uint16 thresholdBps) external nonReentrant {
        LibAccess.requireOwnerOrGuardian();
        // The owner may go back to the minimum; a guardian can only make it stricter.
        uint16 minBps = msg.sender == LibAccess.owner() ? MIN_CONFIDENCE_BPS : LibFleet.threshold();
        LibFleet.setThreshold(thresholdBps, minBps);
    }

    /// @inheritdoc IAccess
    function threshold() external view returns (uint16) {
        return LibFleet.threshold();
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            bytes.concat(
                IAccess.owner.selector,
                IAccess.pendingOwner.selector,
                IAccess.transferOwnership.selector,
                IAccess.acceptOwnership.selector,
                IAccess.setOperator.selector,
                IAccess.revokeOperator.selector,
                IAccess.getOperator.selector,
                IAccess.setEngine.selector,
                IAccess.revokeEngine.selector,
                IAccess.setModel.selector,
                IAccess.revokeModel.selector
            ),
            bytes.concat(
                IAccess.getEngine.selector,
                IAccess.isNonceUsed.selector,
                IAccess.setGuardian.selector,
                IAccess.isGuardian.selector,
                IAccess.pause.selector,
                IAccess.unpause.selector,
                IAccess.paused.selector,
                IAccess.stopTakeovers.selector,
                IAccess.allowTakeovers.selector,
                IAccess.takeoversStopped.selector,
                IAccess.setThreshold.selector,
                IAccess.threshold.selector
            )
        );
    }
}
