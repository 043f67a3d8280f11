// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAccess} from "../../interfaces/IAccess.sol";
import {BPS} from "../../types/AccessTypes.sol";
import {
    CalibrationBin,
    MAX_MODELS,
    ModelRecord,
    ModelView,
    ScoreCell,
    Signal,
    SignalStats
} from "../../types/StrikeTypes.sol";
import {ScoreStorage} from "../storage/ScoreStorage.sol";
import {LibCalibration} from "./LibCalibration.sol";

/// @title The score: one cell for each model, confidence bin and signal, and each model's record over all of them
/// @dev Every total is a sum over the cells of the models that the owner registered: no two totals can disagree, and no
/// engine can make them longer.
library LibScore {
    uint256 private constant BINS = LibCalibration.BINS;
    uint256 private constant SIGNALS = 4;

    /// @dev The prior: as if 20 strikes had been seen, 87 % of them won. A new model starts at a quarter of full size.
    uint256 private constant PRIOR_STRIKES = 20;
    uint256 private constant PRIOR_BPS = 8700;
    /// @dev Full size where the posterior mean reaches 93 %, the minimum where it is 85 % or under. Never
    /// none, so that a model that has recovered can show it.
    uint256 private constant FULL_BPS = 9300;
    uint256 private constant NONE_BPS = 8500;
    uint256 private constant MIN_FACTOR_BPS = 500;

    /// @dev The record of a model stays with its id, whichever engine has it.
    function setModel(uint16 modelId, address engine) internal {
        if (engine == address(0)) revert IAccess.ZeroAddress();
        ScoreStorage.Layout storage l = ScoreStorage.load();
        ModelRecord storage model = l.models[modelId];
        if (!model.known) {
            if (l.modelIds.length == MAX_MODELS) revert IAccess.TooManyModels();
            model.known = true;
            l.modelIds.push(modelId);
        }
        model.engine = engine;
        emit IAccess.ModelSet(modelId, engine);
    }

    function revokeModel(uint16 modelId) internal {
        ScoreStorage.load().models[modelId].engine = address(0);
        emit IAccess.ModelRevoked(modelId, msg.sender);
    }

    function requireModel(address engine, uint16 modelId) internal view {
        if (ScoreStorage.load().models[modelId].engine != engine) revert IAccess.ModelNotRegistered(engine, modelId);
    }

    /// @return factorBps What the record lets a strike be sized at, in basis points of full size: the cell's, and at most
    /// the whole model's, which no other bin or signal escapes.
    function factor(uint256 modelId, uint256 confidenceBps, Signal signal) internal view returns (uint256 factorBps) {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        ScoreCell storage cell = l.cells[_key(modelId, LibCalibration.bin(confidenceBps), uint256(signal))];
        return _minFactor(cell, l.models[modelId]);
    }

    /// @dev After 16,777,215 strikes a cell counts no further, and what it would have given the model: a settlement never fails
    /// for it. Unchecked: that many times at most 10^6 fits 48 bits, and that many times at most 2^56 fits 80.
    /// @param pnl Book units, at most 2^56 - 1 either way.
    function record(uint16 modelId, uint256 confidenceBps, Signal signal, int256 pnl, bool won) internal {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        ScoreCell storage cell = l.cells[_key(modelId, LibCalibration.bin(confidenceBps), uint256(signal))];
        if (cell.settled == type(uint24).max) return;
        (uint24 wins, uint48 brierSum, uint80 profit, uint80 loss) = (cell.wins, cell.brierSum, cell.profit, cell.loss);
        unchecked {
            if (won) ++wins;
            brierSum += uint48(LibCalibration.brier(confidenceBps, won));
            if (pnl > 0) profit += uint80(uint256(pnl));
            else loss += uint80(uint256(-pnl));
            // One after the other, which makes one write of them.
            ++cell.settled;
        }
        cell.wins = wins;
        cell.brierSum = brierSum;
        cell.profit = profit;
        cell.loss = loss;
        ModelRecord storage model = l.models[modelId];
        (uint40 settled, uint40 modelWins) = (model.settled, model.wins);
        unchecked {
            model.settled = settled + 1;
            model.wins = won ? modelWins + 1 : modelWins;
        }
    }

    /// @return views All that were ever registered, in that order.
    function models() internal view returns (ModelView[] memory views) {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        views = new ModelView[](l.modelIds.length);
        for (uint256 i; i < views.length; ++i) {
            uint16 id = l.modelIds[i];
            ModelRecord memory model = l.models[id];
            views[i] = ModelView(id, model.engine, model.settled, model.wins, _factor(model.wins, model.settled));
        }
    }

    /// @return stats One signal over all models, P&L in book units.
    function signalStats(Signal signal) internal view returns (SignalStats memory stats) {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        for (uint256 i; i < l.modelIds.length; ++i) {
            for (uint256 bin; bin < BINS; ++bin) {
                ScoreCell memory cell = l.cells[_key(l.modelIds[i], bin, uint256(signal))];
                stats.settled += cell.settled;
                stats.wins += cell.wins;
                stats.profit += cell.profit;
                stats.loss += cell.loss;
            }
        }
    }

    /// @return bins One model's bins over all signals.
    function calibration(uint256 modelId) internal view returns (CalibrationBin[7] memory bins) {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        ModelRecord storage model = l.models[modelId];
        for (uint256 bin; bin < BINS; ++bin) {
            for (uint256 signal; signal < SIGNALS; ++signal) {
                ScoreCell storage cell = l.cells[_key(modelId, bin, signal)];
                bins[bin].settled += cell.settled;
                bins[bin].wins += cell.wins;
                bins[bin].brierSum += cell.brierSum;
                bins[bin].factorBps[signal] = _minFactor(cell, model);
            }
        }
    }

    /// @dev Unchecked: counts of 40 bits.
    /// @return The posterior mean of a win rate under the prior, in basis points.
    function posteriorBps(uint256 wins, uint256 settled) internal pure returns (uint256) {
        unchecked {
            return FixedPointMathLib.rawDiv(wins * BPS + PRIOR_STRIKES * PRIOR_BPS, settled + PRIOR_STRIKES);
        }
    }

    function _minFactor(ScoreCell storage cell, ModelRecord storage model) private view returns (uint256) {
        return FixedPointMathLib.min(_factor(cell.wins, cell.settled), _factor(model.wins, model.settled));
    }

    function _factor(uint256 wins, uint256 settled) private pure returns (uint256) {
        uint256 mean = posteriorBps(wins, settled);
        if (mean >= FULL_BPS) return BPS;
        if (mean <= NONE_BPS) return MIN_FACTOR_BPS;
        // The mean is between the two.
        unchecked {
            return FixedPointMathLib.max((mean - NONE_BPS) * BPS / (FULL_BPS - NONE_BPS), MIN_FACTOR_BPS);
        }
    }

    function _key(uint256 modelId, uint256 bin, uint256 signal) private pure returns (uint256) {
        // 16 bits times 28, and less.
        unchecked {
            return (modelId * BINS + bin) * SIGNALS + signal;
        }
    }
}
