// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBooks} from "../libraries/fleet/LibBooks.sol";
import {LibStats} from "../libraries/fleet/LibStats.sol";
import {FleetStorage} from "../libraries/storage/FleetStorage.sol";
import {MarketStorage} from "../libraries/storage/MarketStorage.sol";
import {StrikeStorage} from "../libraries/storage/StrikeStorage.sol";
import {TreasuryStorage} from "../libraries/storage/TreasuryStorage.sol";
import {LibSettlement} from "../libraries/strike/LibSettlement.sol";
import {LibTakeover} from "../libraries/strike/LibTakeover.sol";
import {CoreWord} from "../types/CoreWord.sol";
import {LotsWord} from "../types/LotsWord.sol";
import {StrategyWord} from "../types/StrategyWord.sol";
import {BotView, Due, STRIKE_SLOTS, StrikeStats, StrikeView} from "../types/StrikeTypes.sol";
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

    function setTokens(address quote_, address base, uint256 inventory) external {
        TreasuryStorage.load().quote = quote_;
        TreasuryStorage.load().inventory[base] = inventory;
        MarketStorage.load().markets[0].base = base;
    }

    function carryDust() external {
        LibBooks.carryDust();
    }

    function booked(address token) external view returns (uint256) {
        return LibBooks.booked(token);
    }

    function unrealised(bool withStart) external view returns (int256 marked, uint256 unpriced, uint256 overdue) {
        return LibBooks.unrealised(withStart);
    }

    function strikeOf(uint256 strikeId) external view returns (StrikeView memory) {
        return LibStats.strike(strikeId);
    }

    function openStrikes() external view returns (uint256[] memory) {
        return LibStats.openStrikes();
    }

    function bots() external view returns (BotView[25] memory) {
        return LibStats.bots();
    }

    function totals() external view returns (StrikeStats memory) {
        return LibStats.totals();
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

    function closeAtOracle(uint256 strikeId) external returns (int256 pnl) {
        return LibTakeover.closeAtOracle(strikeId);
    }

    function close(uint256 strikeId, LibSettlement.Deal calldata deal) external returns (int256 pnl) {
        LibSettlement.Position memory p = LibSettlement.position(strikeId);
        return LibSettlement.close(p, deal);
    }
}
