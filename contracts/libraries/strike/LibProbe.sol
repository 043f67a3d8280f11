// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDiamondCut} from "../../interfaces/IDiamondCut.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {LibCallback} from "../cycle/LibCallback.sol";
import {LibVenue} from "../venues/LibVenue.sol";

/// @title Whether a pool calls back by a name that the diamond has
/// @dev Forks rename the callback. A pool is asked for the smallest swap there is; the callback reverts, so that nothing
/// remains of it. A pool that cannot swap now, such as one without liquidity, is not known to call otherwise.
library LibProbe {
    function requireCallback(Venue venue, address pool) internal {
        LibCallback.expect(pool, LibCallback.PROBE);
        (bool asked, bool done, bytes memory reason) = LibVenue.probe(venue, pool);
        LibCallback.forget();
        if (!asked) return;
        if (done) revert ISwapCallback.CallbackMissing(pool);
        if (bytes4(reason) != IDiamondCut.FunctionNotFound.selector || reason.length < 8) return;
        bytes4 name;
        assembly ("memory-safe") {
            name := mload(add(reason, 0x24))
        }
        revert ISwapCallback.UnsupportedCallback(pool, name);
    }
}
