// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";

/// @title Views of a place that may answer anything
/// @dev It can revert with any bytes, answer too little, or have no code: its answer is unknown then, and none of its
/// bytes come out in the diamond's name.
library LibView {
    /// @param argument One word, after the selector; ignored by a function that takes none.
    /// @param words How many words the answer must have at least, 1 to 4. Those beyond mean nothing.
    /// @return ok Whether it answered so many.
    /// @return first The words of the answer, in order.
    /// @return second As `first`.
    /// @return third As `first`.
    /// @return fourth As `first`.
    function ask(address target, bytes4 selector, uint256 argument, uint256 words)
        internal
        view
        returns (bool ok, uint256 first, uint256 second, uint256 third, uint256 fourth)
    {
        assembly ("memory-safe") {
            // Memory that is free, and stays so: it holds the call, and then the answer.
            let at := mload(0x40)
            mstore(at, selector)
            mstore(add(at, 4), argument)
            let done := staticcall(gas(), target, at, 0x24, at, 0x80)
            ok := and(done, iszero(lt(returndatasize(), shl(5, words))))
            first := mload(at)
            second := mload(add(at, 0x20))
            third := mload(add(at, 0x40))
            fourth := mload(add(at, 0x60))
        }
    }

    /// @return answer The first word, of a place that has to answer.
    function word(address target, bytes4 selector) internal view returns (uint256 answer) {
        bool ok;
        (ok, answer,,,) = ask(target, selector, 0, 1);
        if (!ok) revert ISwapCallback.CallFailed(target, reason());
    }

    function addressOf(address target, bytes4 selector) internal view returns (address) {
        return address(uint160(word(target, selector)));
    }

    /// @return answer What the call just made answered, or failed with.
    function reason() internal pure returns (bytes memory answer) {
        assembly ("memory-safe") {
            answer := mload(0x40)
            mstore(answer, returndatasize())
            returndatacopy(add(answer, 0x20), 0, returndatasize())
            mstore(0x40, and(add(add(answer, 0x3f), returndatasize()), not(0x1f)))
        }
    }
}
