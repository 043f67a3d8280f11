// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Storage of the capital that is not with the bots
/// @dev Append-only. Used by LibTreasury alone.
library TreasuryStorage {
    /// @custom:storage-location erc7201:macrostrike.storage.Treasury
    struct Layout {
        // slot 0: 20 bytes
        address quote;
        // slot 1: 16 bytes
        uint128 reserve;
        // slot 2: 32 bytes
        mapping(address token => uint256 amount) inventory;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Treasury")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x604a90fd751f3a098000445d21684db8fdf2b783ec6965e560bde1106074fc00;

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
