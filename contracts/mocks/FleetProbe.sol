// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBooks} from "../libraries/fleet/LibBooks.sol";
import {LibBreakers} from "../libraries/fleet/LibBreakers.sol";
import {LibCalibration} from "../libraries/fleet/LibCalibration.sol";
import {LibFleet} from "../libraries/fleet/LibFleet.sol";
import {LibScore} from "../libraries/fleet/LibScore.sol";
import {FleetStorage} from "../libraries/storage/FleetStorage.sol";
import {ScoreStorage} from "../libraries/storage/ScoreStorage.sol";
import {ConfigWord} from "../types/ConfigWord.sol";
import {CoreWord} from "../types/CoreWord.sol";
import {LotsWord} from "../types/LotsWord.sol";
import {StrategyWord} from "../types/StrategyWord.sol";
import {CalibrationBin, FleetMarks, ModelRecord, ModelView, ScoreCell, Signal} from "../types/StrikeTypes.sol";

/// @title The fleet's libraries, on whatever is put into their storage
contract FleetProbe {
    function setFleet(
        CoreWord core,
        FleetMarks calldata marks,
        LotsWord free,
        StrategyWord[5] calldata strategies,
        int256[5] calldata funded
    ) external {
        FleetStorage.Layout storage l = FleetStorage.load();
        (l.core, l.marks, l.freeLots) = (core, marks, free);
        (l.strategies, l.funded) = (strategies, funded);
    }

    function setConfigs(ConfigWord[3] calldata configs) external {
        FleetStorage.load().configs = configs;
    }

    function fleet()
        external
        view
        returns (
            CoreWord core,
            FleetMarks memory marks,
            LotsWord free,
            StrategyWord[5] memory strategies,
            int256[5] memory funded
        )
    {
        FleetStorage.Layout storage l = FleetStorage.load();
        return (l.core, l.marks, l.freeLots, l.strategies, l.funded);
    }

    function changeEquity(uint256[25] calldata amounts, bool adding, uint256[25] calldata locked) external {
        LibFleet.changeEquity(amounts, adding, locked);
    }

    function rebalance(uint256[25] calldata weights, uint256[25] calldata locked)
        external
        returns (uint256[25] memory equity)
    {
        return LibFleet.rebalance(weights, locked);
    }

    function pause() external {
        LibFleet.pause();
    }

    function unpause() external {
        LibFleet.unpause();
    }

    function stopTakeovers() external {
        LibFleet.stopTakeovers();
    }

    function allowTakeovers() external {
        LibFleet.allowTakeovers();
    }

    function setThreshold(uint16 thresholdBps, uint16 minBps) external {
        LibFleet.setThreshold(thresholdBps, minBps);
    }

    function setLot(uint32 lot) external {
        LibFleet.setLot(lot);
    }

    function book(LotsWord weights, uint256 total, int256 pnl, bool won, uint256 lot)
        external
        returns (int256 shared, uint256 equity)
    {
        return LibFleet.book(weights, total, pnl, won, lot);
    }

    function performanceWeights() external view returns (uint256[25] memory) {
        return LibBooks.performanceWeights();
    }

    // Breakers

    function mark(CoreWord before, int256 pnl, bool won, uint256 equity) external returns (CoreWord) {
        return LibBreakers.mark(before, pnl, won, equity);
    }

    function haltIfMarkedDown(int256 marked) external returns (bool) {
        return LibBreakers.haltIfMarkedDown(marked);
    }

    function resume(int256 marked) external {
        LibBreakers.resume(marked);
    }

    // Score

    function setModel(uint16 modelId, ModelRecord calldata model) external {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        if (!l.models[modelId].known) l.modelIds.push(modelId);
        l.models[modelId] = model;
    }

    function setCell(uint256 key, ScoreCell calldata cell) external {
        ScoreStorage.load().cells[key] = cell;
    }

    function score(uint16 modelId, uint256 key) external view returns (ModelRecord memory, ScoreCell memory) {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        return (l.models[modelId], l.cells[key]);
    }

    function record(uint16 modelId, uint256 confidenceBps, Signal signal, int256 pnl, bool won) external {
        LibScore.record(modelId, confidenceBps, signal, pnl, won);
    }

    function factor(uint256 modelId, uint256 confidenceBps, Signal signal) external view returns (uint256) {
        return LibScore.factor(modelId, confidenceBps, signal);
    }

    function models() external view returns (ModelView[] memory) {
        return LibScore.models();
    }

    function calibration(uint256 modelId) external view returns (CalibrationBin[7] memory) {
        return LibScore.calibration(modelId);
    }

    function bin(uint256 confidenceBps) external pure returns (uint256) {
        return LibCalibration.bin(confidenceBps);
    }

    function brier(uint256 confidenceBps, bool right) external pure returns (uint256) {
        return LibCalibration.brier(confidenceBps, right);
    }
}
