// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BPS, MIN_CONFIDENCE_BPS} from "../../types/AccessTypes.sol";
import {CalibrationBin, ScoreCell, Signal, SignalStats} from "../../types/StrikeTypes.sol";
import {ScoreStorage} from "../storage/ScoreStorage.sol";

/// @title The score: one cell for each model, confidence bin and signal
/// @dev Everything that readers are told is a sum over cells, so no two totals can disagree.
library LibScore {
    uint256 private constant BINS = 7;
    uint256 private constant SIGNALS = 4;

    /// @dev The prior: as if 20 strikes had been seen, 87 % of them won. A new model starts at a quarter of full size.
    uint256 private constant PRIOR_STRIKES = 20;
    uint256 private constant PRIOR_BPS = 8700;
    /// @dev Full size where the posterior mean reaches the promise of 93 %, the least where it is 85 % or under. Never
    /// none, so that a model that has recovered can show it.
    uint256 private constant FULL_BPS = 9300;
    uint256 private constant NONE_BPS = 8500;
    uint256 private constant LEAST_FACTOR_BPS = 500;

    /// @return factorBps What the cell's record lets a strike be sized at, in basis points of full size.
    function factor(uint256 modelId, uint256 confidenceBps, Signal signal) internal view returns (uint256 factorBps) {
        ScoreCell storage cell = ScoreStorage.load().cells[_key(modelId, _bin(confidenceBps), uint256(signal))];
        return _factor(cell.wins, cell.settled);
    }

    /// @dev After 16,777,215 strikes a cell stands still: a settlement never fails for it.
    /// Unchecked: that many times at most 10^6 fits 48 bits, and that many times at most 2^56 fits 80.
    /// @param pnl Book units, at most 2^56 - 1 either way.
    function record(uint16 modelId, uint256 confidenceBps, Signal signal, int256 pnl, bool won) internal {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        uint256 key = _key(modelId, _bin(confidenceBps), uint256(signal));
        ScoreCell storage cell = l.cells[key];
        if (cell.settled == type(uint24).max) return;
        if (cell.settled == 0 && !l.isKnown[modelId]) {
            l.isKnown[modelId] = true;
            l.models.push(modelId);
        }
        (uint24 wins, uint48 brierSum, uint80 profit, uint80 loss) = (cell.wins, cell.brierSum, cell.profit, cell.loss);
        unchecked {
            if (won) ++wins;
            brierSum += uint48(_brier(confidenceBps, won));
            if (pnl > 0) profit += uint80(uint256(pnl));
            else loss += uint80(uint256(-pnl));
            // One after the other, which makes one write of them.
            ++cell.settled;
        }
        cell.wins = wins;
        cell.brierSum = brierSum;
        cell.profit = profit;
        cell.loss = loss;
    }

    /// @return stats One signal over all models, P&L in book units.
    function signalStats(Signal signal) internal view returns (SignalStats memory stats) {
        ScoreStorage.Layout storage l = ScoreStorage.load();
        for (uint256 i; i < l.models.length; ++i) {
            for (uint256 bin; bin < BINS; ++bin) {
                ScoreCell memory cell = l.cells[_key(l.models[i], bin, uint256(signal))];
                stats.settled += cell.settled;
                stats.wins += cell.wins;
                stats.profit += cell.profit;
                stats.loss += cell.loss;
            }
        }
    }

    /// @return bins One model's bins over all signals.
    function calibration(uint256 modelId) internal view returns (CalibrationBin[7] memory bins) {
        for (uint256 bin; bin < BINS; ++bin) {
            for (uint256 signal; signal < SIGNALS; ++signal) {
                ScoreCell memory cell = ScoreStorage.load().cells[_key(modelId, bin, signal)];
                bins[bin].settled += cell.settled;
                bins[bin].wins += cell.wins;
                bins[bin].brierSum += cell.brierSum;
                bins[bin].factorBps[signal] = _factor(cell.wins, cell.settled);
            }
        }
    }

    /// @return The posterior mean of a win rate under the prior, in basis points.
    function posteriorBps(uint256 wins, uint256 settled) internal pure returns (uint256) {
        return (wins * BPS + PRIOR_STRIKES * PRIOR_BPS) / (settled + PRIOR_STRIKES);
    }

    function _factor(uint256 wins, uint256 settled) private pure returns (uint256) {
        uint256 mean = posteriorBps(wins, settled);
        if (mean >= FULL_BPS) return BPS;
        if (mean <= NONE_BPS) return LEAST_FACTOR_BPS;
        uint256 factorBps = (mean - NONE_BPS) * BPS / (FULL_BPS - NONE_BPS);
        return factorBps < LEAST_FACTOR_BPS ? LEAST_FACTOR_BPS : factorBps;
    }

    /// @dev (confidence - outcome)^2 in units of 1e-6.
    function _brier(uint256 confidenceBps, bool won) private pure returns (uint256) {
        uint256 miss = won ? BPS - confidenceBps : confidenceBps;
        return miss * miss / 100;
    }

    /// @dev Bins of 100 basis points from 9300; 10000 belongs to the last.
    function _bin(uint256 confidenceBps) private pure returns (uint256 bin) {
        bin = (confidenceBps - MIN_CONFIDENCE_BPS) / 100;
        if (bin == BINS) bin = BINS - 1;
    }

    function _key(uint256 modelId, uint256 bin, uint256 signal) private pure returns (uint256) {
        return (modelId * BINS + bin) * SIGNALS + signal;
    }
}
