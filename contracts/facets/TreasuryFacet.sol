// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibAmm} from "../libraries/cycle/LibAmm.sol";
import {LibBooks} from "../libraries/fleet/LibBooks.sol";
import {LibTreasury} from "../libraries/treasury/LibTreasury.sol";

/// @title Capital in and out
contract TreasuryFacet is ITreasury, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc ITreasury
    function deposit(uint256 amount) external nonReentrant {
        LibAccess.requireOwner();
        LibTreasury.deposit(amount);
    }

    /// @inheritdoc ITreasury
    function withdraw(uint256 amount, address to) external nonReentrant {
        LibAccess.requireOwner();
        LibBooks.carryDust();
        LibTreasury.withdraw(amount, to);
    }

    /// @inheritdoc ITreasury
    function depositInventory(address token, uint256 amount) external nonReentrant {
        LibAccess.requireOwner();
        LibTreasury.depositInventory(token, amount);
    }

    /// @inheritdoc ITreasury
    function withdrawInventory(address token, uint256 amount, address to) external nonReentrant {
        LibAccess.requireOwner();
        LibTreasury.withdrawInventory(token, amount, to);
    }

    /// @inheritdoc ITreasury
    function skim(address token) external nonReentrant returns (uint256 amount) {
        LibAccess.requireOwner();
        return LibTreasury.skim(token, LibBooks.booked(token), msg.sender);
    }

    /// @inheritdoc ITreasury
    function getTreasury() external view nonReentrantView returns (address quote, uint256 reserve, uint256 ammCapital) {
        address token = LibTreasury.quote();
        return (token, LibBooks.reserve(), LibAmm.capitalOf(token));
    }

    /// @inheritdoc ITreasury
    function inventoryOf(address token) external view nonReentrantView returns (uint256) {
        return LibTreasury.inventoryOf(token);
    }

    /// @inheritdoc ITreasury
    function excessOf(address token) external view nonReentrantView returns (uint256) {
        return LibTreasury.excess(token, LibBooks.booked(token));
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            ITreasury.deposit.selector,
            ITreasury.withdraw.selector,
            ITreasury.depositInventory.selector,
            ITreasury.withdrawInventory.selector,
            ITreasury.skim.selector,
            ITreasury.getTreasury.selector,
            ITreasury.inventoryOf.selector,
            ITreasury.excessOf.selector
        );
    }
}
