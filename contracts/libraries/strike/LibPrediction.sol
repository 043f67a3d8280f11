// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IAccess} from "../../interfaces/IAccess.sol";
import {Prediction} from "../../types/StrikeTypes.sol";

/// @title What an engine signs (EIP-712), and whether it did
library LibPrediction {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("MacroStrike");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 private constant PREDICTION_TYPEHASH = keccak256(
        "Prediction(address engine,uint64 nonce,uint8 market,uint8 signal,uint16 confidenceBps,uint8 strategies,"
        "uint16 modelId,uint40 validFrom,uint40 validUntil,uint24 horizon,uint16 takeProfitBps,uint16 stopLossBps)"
    );

    /// @dev The domain is computed, not stored: a chain that forks off gets a domain of its own.
    function digest(Prediction calldata prediction) internal view returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
        return MessageHashUtils.toTypedDataHash(domain, _structHash(prediction));
    }

    /// @dev ECDSA first: it asks nothing of the engine's account, and an EOA with delegated code (EIP-7702) still signs
    /// with its key.
    function requireSignedBy(address engine, Prediction calldata prediction, bytes calldata signature) internal view {
        bytes32 hash = digest(prediction);
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(hash, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == engine) return;
        if (engine.code.length != 0) {
            if (SignatureChecker.isValidERC1271SignatureNowCalldata(engine, hash, signature)) return;
            revert IAccess.InvalidSignature(engine, address(0));
        }
        if (failure != ECDSA.RecoverError.NoError) revert IAccess.MalformedSignature(signature.length);
        revert IAccess.InvalidSignature(engine, recovered);
    }

    /// @dev All members are static words, so the calldata is the EIP-712 encoding as it stands. A word with dirty high
    /// bits yields a digest that no one signed.
    function _structHash(Prediction calldata prediction) private pure returns (bytes32 hash) {
        bytes32 typehash = PREDICTION_TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            calldatacopy(add(buffer, 0x20), prediction, 0x180)
            hash := keccak256(buffer, 0x1a0)
        }
    }
}
