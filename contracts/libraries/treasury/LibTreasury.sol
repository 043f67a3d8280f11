// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {IAccess} from "../../interfaces/IAccess.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {ITreasury} from "../../interfaces/ITreasury.sol";
import {LibToken} from "../venues/LibToken.sol";
import {TreasuryStorage} from "../storage/TreasuryStorage.sol";

/// @title The reserve and the base inventory
/// @dev Books amounts that it measured. Knows nothing of the bots: what they hold is given to it.
library LibTreasury {
    using SafeCast for uint256;

    function quote() internal view returns (address) {
        return TreasuryStorage.load().quote;
    }

    function requireQuote() internal view returns (address token) {
        token = quote();
        if (token == address(0)) revert ITreasury.QuoteNotSet();
    }

    function setQuote(address token) internal {
        if (token == address(0)) revert IAccess.ZeroAddress();
        TreasuryStorage.load().quote = token;
    }

    function reserve() internal view returns (uint256) {
        return TreasuryStorage.load().reserve;
    }

    function inventoryOf(address token) internal view returns (uint256) {
        return TreasuryStorage.load().inventory[token];
    }

    function creditReserve(uint256 amount) internal {
        TreasuryStorage.load().reserve += amount.toUint128();
    }

    /// @dev What the reserve can't count stays in the balance, as a donation: no closing fails for it, and no withdrawal.
    function creditSurplus(uint256 amount) internal {
        TreasuryStorage.Layout storage l = TreasuryStorage.load();
        l.reserve =
            uint128(FixedPointMathLib.min(FixedPointMathLib.saturatingAdd(l.reserve, amount), type(uint128).max));
    }

    function debitReserve(uint256 amount) internal {
        TreasuryStorage.Layout storage l = TreasuryStorage.load();
        if (amount > l.reserve) revert ITreasury.InsufficientFunds(l.quote, amount, l.reserve);
        l.reserve -= uint128(amount);
    }

    function creditInventory(address token, uint256 amount) internal {
        TreasuryStorage.load().inventory[token] += amount;
    }

    function debitInventory(address token, uint256 amount) internal {
        uint256 available = inventoryOf(token);
        if (amount > available) revert ITreasury.InsufficientFunds(token, amount, available);
        TreasuryStorage.load().inventory[token] = available - amount;
    }

    function deposit(uint256 amount) internal {
        uint256 arrived = pull(requireQuote(), amount);
        creditReserve(arrived);
        emit ITreasury.Deposited(msg.sender, arrived);
    }

    function withdraw(uint256 amount, address to) internal {
        address token = requireQuote();
        _requirePayee(amount, to);
        debitReserve(amount);
        uint256 charged = _send(token, to, amount);
        if (charged != 0) debitReserve(charged);
        emit ITreasury.Withdrawn(to, amount + charged);
    }

    function depositInventory(address token, uint256 amount) internal {
        if (token == requireQuote()) revert ITreasury.NotABaseToken(token);
        uint256 arrived = pull(token, amount);
        creditInventory(token, arrived);
        emit ITreasury.InventoryDeposited(token, msg.sender, arrived);
    }

    function withdrawInventory(address token, uint256 amount, address to) internal {
        _requirePayee(amount, to);
        debitInventory(token, amount);
        uint256 charged = _send(token, to, amount);
        if (charged != 0) debitInventory(token, charged);
        emit ITreasury.InventoryWithdrawn(token, to, amount + charged);
    }

    /// @param booked What the books hold of `token` in all, raw units.
    function excess(address token, uint256 booked) internal view returns (uint256) {
        return FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(token, address(this)), booked);
    }

    function skim(address token, uint256 booked, address to) internal returns (uint256 amount) {
        amount = excess(token, booked);
        if (amount == 0) revert ITreasury.ZeroAmount();
        emit ITreasury.Skimmed(token, to, amount);
        push(token, to, amount);
    }

    /// @return arrived Measured; never zero.
    function pull(address token, uint256 amount) internal returns (uint256 arrived) {
        uint256 before = SafeTransferLib.balanceOf(token, address(this));
        LibToken.transferFrom(token, msg.sender, address(this), amount);
        arrived = FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(token, address(this)), before);
        if (arrived == 0) revert ITreasury.ZeroAmount();
    }

    /// @dev Refuses a token that takes more of its sender than the amount.
    function push(address token, address to, uint256 amount) internal {
        uint256 charged = _send(token, to, amount);
        if (charged != 0) revert ISwapCallback.UnfaithfulToken(token, amount + charged, amount);
    }

    /// @return charged What the token took of its sender beyond the amount.
    function _send(address token, address to, uint256 amount) private returns (uint256 charged) {
        uint256 before = SafeTransferLib.balanceOf(token, address(this));
        LibToken.transfer(token, to, amount);
        uint256 left = FixedPointMathLib.zeroFloorSub(before, SafeTransferLib.balanceOf(token, address(this)));
        charged = FixedPointMathLib.zeroFloorSub(left, amount);
    }

    function _requirePayee(uint256 amount, address to) private pure {
        if (to == address(0)) revert IAccess.ZeroAddress();
        if (amount == 0) revert ITreasury.ZeroAmount();
    }
}
