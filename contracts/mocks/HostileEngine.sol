// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title An engine that is a contract, and may answer what no engine should
contract HostileEngine is IERC1271 {
    enum Mode {
        Honest,
        Reverts,
        AnswersLittle,
        AnswersWrong,
        SpendsAllGas
    }

    Mode public mode;
    mapping(bytes32 digest => bool approved) public approved;

    error NoAnswer();

    function approve(bytes32 digest) external {
        approved[digest] = true;
    }

    function behave(Mode mode_) external {
        mode = mode_;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4 answer) {
        if (mode == Mode.Reverts) revert NoAnswer();
        while (mode == Mode.SpendsAllGas) {}
        answer = approved[digest] ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
        if (mode == Mode.AnswersWrong) answer = ~answer;
        if (mode == Mode.AnswersLittle) {
            assembly ("memory-safe") {
                mstore(0, answer)
                return(0, 4)
            }
        }
    }
}
