// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConfigWord} from "../../types/ConfigWord.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {LotsWord} from "../../types/LotsWord.sol";
import {SideWord} from "../../types/SideWord.sol";
import {StrategyWord} from "../../types/StrategyWord.sol";
import {FleetMarks} from "../../types/StrikeTypes.sol";

/// @title Storage of the 25 bots
/// @dev Append-only. Used by LibFleet alone.
library FleetStorage {
    /// @dev `freeLots`: what each bot can still put in. `strategies`: a word a strategy. `configs`: nine bots a word.
    /// `funded`: book units that the owner put into each strategy's bots, less what was taken out. `sides`: made of
    /// `configs`, for longs and shorts. The types say what their bits are.
    /// @custom:storage-location erc7201:macrostrike.storage.Fleet
    struct Layout {
        // slot 0: 32 bytes
        CoreWord core;
        // slot 1: 32 bytes
        FleetMarks marks;
        // slot 2: 32 bytes
        LotsWord freeLots;
        // slots 3 to 7: 160 bytes
        StrategyWord[5] strategies;
        // slots 8 to 10: 96 bytes
        ConfigWord[3] configs;
        // slots 11 to 15: 160 bytes
        int256[5] funded;
        // slots 16 to 17: 64 bytes
        SideWord[2] sides;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Fleet")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x2b583cd0dcb4bff4c7fc541709496ea4ecd936410073415c32a460890e5d4a00;

    struct Word {
        StrategyWord value;
    }

    /// @dev Layout.strategies[strategy], for `strategy` under 5. As an array's element it would be read and written with
    /// masks, as if it shared its slot.
    function strategyWord(uint256 strategy) internal view returns (Word storage word) {
        StrategyWord[5] storage words = load().strategies;
        assembly ("memory-safe") {
            word.slot := add(words.slot, strategy)
        }
    }

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
