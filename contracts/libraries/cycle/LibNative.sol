// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {IDiamondCut} from "../../interfaces/IDiamondCut.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {IWrappedNative} from "../../interfaces/external/IWrappedNative.sol";
import {LibDiamond} from "../diamond/LibDiamond.sol";
import {LibCall} from "../venues/LibCall.sol";

/// @title Ether, which passes through the diamond and never stays
/// @dev The diamond takes plain ether from one sender alone, for as long as that one is being asked for it. It cannot
/// know more than that: wrapped ether pays out with 2,300 gas.
library LibNative {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.AddressSlot;

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.transient.Ether")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant SENDER = 0x6ec65ca7e335f4f9179a45c956c9f56c1c8f91c81c188922bcb6f505a407b200;

    /// @dev Wrapped ether into ether, exactly.
    function unwrap(address wrapped, uint256 amount) internal {
        uint256 balance = SafeTransferLib.balanceOf(wrapped, address(this));
        uint256 before = open(wrapped);
        try IWrappedNative(wrapped).withdraw(amount) {}
        catch (bytes memory reason) {
            LibCall.fail(wrapped, reason);
        }
        close(before, amount);
        _requireMoved(wrapped, balance, SafeTransferLib.balanceOf(wrapped, address(this)), amount);
    }

    /// @dev Ether into wrapped ether, exactly.
    function wrap(address wrapped, uint256 amount) internal {
        uint256 balance = SafeTransferLib.balanceOf(wrapped, address(this));
        try IWrappedNative(wrapped).deposit{value: amount}() {}
        catch (bytes memory reason) {
            LibCall.fail(wrapped, reason);
        }
        _requireMoved(wrapped, SafeTransferLib.balanceOf(wrapped, address(this)), balance, amount);
    }

    /// @dev Lets `sender` send ether, until `close`.
    function open(address sender) internal returns (uint256 balanceBefore) {
        // Dispatch looks for a facet before it knows that there is no call; cold, that look alone is 2,100 gas.
        if (LibDiamond.facetAddress(bytes4(0)) != address(0)) revert IDiamondCut.ZeroSelector();
        SENDER.asAddress().tstore(sender);
        return address(this).balance;
    }

    /// @dev `amount` must have come since `open`, exactly.
    function close(uint256 balanceBefore, uint256 amount) internal {
        SENDER.asAddress().tstore(address(0));
        uint256 arrived = address(this).balance - balanceBefore;
        if (arrived != amount) revert ISwapCallback.UnfaithfulToken(address(0), arrived, amount);
    }

    /// @dev A wrapper that mints less than it was paid, or burns more, would take the diamond's own tokens for the rest.
    function _requireMoved(address wrapped, uint256 greater, uint256 less, uint256 amount) private pure {
        uint256 moved = FixedPointMathLib.zeroFloorSub(greater, less);
        if (moved != amount) revert ISwapCallback.UnfaithfulToken(wrapped, moved, amount);
    }
}
