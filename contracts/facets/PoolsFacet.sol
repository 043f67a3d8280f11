// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {IPools} from "../interfaces/IPools.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibAmm} from "../libraries/cycle/LibAmm.sol";
import {PoolConfig, PoolView} from "../types/AmmTypes.sol";

/// @title The pools that arbitrages may use
contract PoolsFacet is IPools, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IPools
    function setHooks(address hooks, bool allowed) external nonReentrant {
        LibAccess.requireOwner();
        LibAmm.setHooks(hooks, allowed);
    }

    /// @inheritdoc IPools
    function setWrappedNative(address token) external nonReentrant {
        LibAccess.requireOwner();
        LibAmm.setWrappedNative(token);
    }

    /// @inheritdoc IPools
    function registerPools(PoolConfig[] calldata configs) external nonReentrant returns (uint32[] memory ids) {
        LibAccess.requireOwner();
        return LibAmm.register(configs);
    }

    /// @inheritdoc IPools
    function unregisterPools(uint32[] calldata ids) external nonReentrant {
        LibAccess.requireOwnerOrGuardian();
        LibAmm.unregister(ids);
    }

    /// @inheritdoc IPools
    function getPools(uint256 offset, uint256 limit) external view returns (PoolView[] memory) {
        return LibAmm.pools(offset, limit);
    }

    /// @inheritdoc IPools
    function hooksAllowed(address hooks) external view returns (bool) {
        return LibAmm.hooksAllowed(hooks);
    }

    /// @inheritdoc IPools
    function wrappedNative() external view returns (address) {
        return LibAmm.wrappedNative();
    }

    /// @inheritdoc IPools
    function poolCount() external view returns (uint256) {
        return LibAmm.poolCount();
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IPools.setHooks.selector,
            IPools.setWrappedNative.selector,
            IPools.registerPools.selector,
            IPools.unregisterPools.selector,
            IPools.getPools.selector,
            IPools.hooksAllowed.selector,
            IPools.wrappedNative.selector,
            IPools.poolCount.selector
        );
    }
}
