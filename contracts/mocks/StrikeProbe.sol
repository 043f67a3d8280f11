// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FleetStorage} from "../libraries/storage/FleetStorage.sol";
import {StrikeStorage} from "../libraries/storage/StrikeStorage.sol";
import {TreasuryStorage} from "../libraries/storage/TreasuryStorage.sol";
import {LibSettlement} from "../libraries/strike/LibSettlement.sol";
import {LibTakeover} from "../libraries/strike/LibTakeover.sol";
import {CoreWord} from "../types/CoreWord.sol";
import {LotsWord} from "../types/LotsWord.sol";
import {StrategyWord} from "../types/StrategyWord.sol";
import {Due, STRIKE_SLOTS} from "../types/StrikeTypes.sol";
import {StrikeWord} from "../types/StrikeWord.sol";
import {MarketProbe} from "./MarketProbe.sol";

/// @title Strikes of market 0, on whatever is put into their storage
contract StrikeProbe is MarketProbe {
    function setFleet(CoreWord core, StrategyWord[5] calldata strategies, uint128 reserve) external {
        FleetStorage.Layout storage l = FleetStorage.load();
        (l.core, l.strategies) = (core, strategies);
        TreasuryStorage.load().reserve = reserve;
    }

    function setStrike(StrikeWord record, LotsWord weights) external {
        StrikeStorage.Slot storage slot = StrikeStorage.load().slots[record.id() % STRIKE_SLOTS];
        (slot.record, slot.weights) = (record, weights);
    }

    function books() external view returns (CoreWord core, StrategyWord[5] memory strategies, uint256 reserve) {
        FleetStorage.Layout storage l = FleetStorage.load();
        return (l.core, l.strategies, TreasuryStorage.load().reserve);
    }

    function due(uint256 strikeId) external view returns (Due reason, uint256 worth) {
        return LibTakeover.due(strikeId);
    }

    function quote(uint256 strikeId)
        external
        view
        returns (bool takeable, uint256 opensAt, uint256 amountIn, uint256 amountOut)
    {
        return LibTakeover.quote(strikeId);
    }

    function close(uint256 strikeId, LibSettlement.Deal calldata deal) external returns (int256 pnl) {
        LibSettlement.Position memory p = LibSettlement.position(strikeId);
        return LibSettlement.close(p, deal);
    }
}
