// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Answers each call with the bytes that are set for it, or reverts with them
contract Answering {
    struct Answer {
        bool known;
        bool fails;
        bytes data;
    }

    mapping(bytes32 call => Answer answer) private answers;

    error UnknownCall(bytes call);

    fallback(bytes calldata call_) external returns (bytes memory data) {
        Answer storage answer = answers[keccak256(call_)];
        if (!answer.known) revert UnknownCall(call_);
        data = answer.data;
        if (answer.fails) {
            assembly ("memory-safe") {
                revert(add(data, 0x20), mload(data))
            }
        }
    }

    function set(bytes[] calldata calls, bytes[] calldata data, bool fails) external {
        for (uint256 i; i < calls.length; ++i) {
            answers[keccak256(calls[i])] = Answer(true, fails, data[i]);
        }
    }
}
