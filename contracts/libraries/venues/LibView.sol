// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";

/// @title Views of a place that may answer anything
/// @dev It can revert with any bytes, answer too little, or have no code: its answer is unknown then, and none of its
/// bytes come out in the diamond's name.
library LibView {
    /// @param argument One word, after the selector; ignored by a function that takes none.
    /// @param words How many words the answer must have at least, 1 to 5. Those beyond mean nothing.
    /// @return ok Whether it answered so many.
    function ask(address target, bytes4 selector, uint256 argument, uint256 words)
        internal
        view
        returns (bool ok, uint256[5] memory answer)
    {
        assembly ("memory-safe") {
            // The answer's own words hold the call until they are overwritten.
            mstore(answer, selector)
            mstore(add(answer, 4), argument)
            let done := staticcall(gas(), target, answer, 0x24, answer, 0xa0)
            ok := and(done, iszero(lt(returndatasize(), shl(5, words))))
        }
    }

    /// @return answer The first word, of a place that has to answer.
    function word(address target, bytes4 selector) internal view returns (uint256 answer) {
        (bool ok, uint256[5] memory words) = ask(target, selector, 0, 1);
        if (!ok) revert ISwapCallback.CallFailed(target, reason());
        return words[0];
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
