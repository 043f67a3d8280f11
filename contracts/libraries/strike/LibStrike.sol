// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccess} from "../../interfaces/IAccess.sol";
import {IFleet} from "../../interfaces/IFleet.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {ACTION_STRIKE, BPS, Engine, MIN_CONFIDENCE_BPS, Operator} from "../../types/AccessTypes.sol";
import {LotsWord} from "../../types/LotsWord.sol";
import {MarketState} from "../../types/MarketState.sol";
import {Route} from "../../types/MarketTypes.sol";
import {RulesWord} from "../../types/RulesWord.sol";
import {Prediction, STRIKE_SLOTS, Signal} from "../../types/StrikeTypes.sol";
import {StrikeWord, termsOf} from "../../types/StrikeWord.sol";
import {LibAccess} from "../access/LibAccess.sol";
import {LibFleet} from "../fleet/LibFleet.sol";
import {LibMarket} from "../market/LibMarket.sol";
import {LibPrediction} from "./LibPrediction.sol";
import {LibScore} from "../fleet/LibScore.sol";
import {LibSwap} from "./LibSwap.sol";
import {LibTreasury} from "../treasury/LibTreasury.sol";
import {LibVenue} from "../venues/LibVenue.sol";
import {StrikeStorage} from "../storage/StrikeStorage.sol";

/// @title Opening a strike
/// @dev A long spends its notional and holds the base it got. A short sells base of the inventory for its notional and
/// locks an equal margin; settling buys that base back. Either way the notional is the strike's lots, and the most it
/// can lose.
library LibStrike {
    uint256 private constant REGULAR_STRENGTH_BPS = 5000;

    // Guarded, and so are the view functions that read what is written after the swap.
    // slither-disable-next-line reentrancy-benign
    function open(Prediction calldata prediction, bytes calldata signature, uint256 limitAmount)
        internal
        returns (uint256 strikeId)
    {
        CoreWord core = LibFleet.core();
        if (core.lot() == 0) revert IFleet.NotInitialized();
        if (core.isPaused()) revert IAccess.EnforcedPause();
        if (core.isHalted()) revert IStrikeBot.FleetHalted();
        Operator storage grant = LibAccess.requireOperator(ACTION_STRIKE);
        _accept(prediction, signature, core);
        StrikeWord terms = termsOf(prediction);
        bool long = isLong(prediction.signal);
        uint256 market = terms.market();
        MarketState state = LibMarket.stateOf(market);
        RulesWord rules = LibMarket.rulesOf(market);
        LibMarket.requireAdmitted(market, state, rules, long);
        _requireBarriers(terms, rules);
        (LotsWord weights, uint256 notional) = _size(prediction, terms, core, state, rules, grant);
        (strikeId, core) = _claim(core);
        LibFleet.store(core);
        uint256 baseAmount = _trade(market, long, state, rules, notional, limitAmount);
        if (baseAmount > type(uint96).max) revert IStrikeBot.BaseAmountOverflow(baseAmount);
        terms = terms.opened(strikeId, baseAmount);
        _store(terms, weights, prediction.signal);
        _emitOpened(terms, prediction, weights, notional);
    }

    function isLong(Signal signal) internal pure returns (bool) {
        return signal <= Signal.Long;
    }

    /// @dev The tokens are the market's own and the fleet's quote, from storage: a pool that turned can't name others.
    function route(uint256 market, MarketState state, bool sellBase) internal view returns (Route memory r) {
        (address base, address quote) = (LibMarket.baseOf(market), LibTreasury.quote());
        r.venue = state.traits().venue();
        r.pool = state.pool();
        r.zeroForOne = sellBase == state.traits().baseIsToken0();
        (r.tokenIn, r.tokenOut) = sellBase ? (base, quote) : (quote, base);
        if (LibVenue.hasManager(r.venue)) r.key = LibMarket.keyOf(market);
    }

    function isOpen(CoreWord core, uint256 strikeId) internal view returns (bool) {
        (StrikeWord record,) = slotAt(strikeId % STRIKE_SLOTS);
        return core.isOpen(strikeId) && record.id() == strikeId;
    }

    /// @dev An open strike whose time is not over is due from now on.
    function makeDue(uint256 strikeId) internal {
        StrikeStorage.Slot storage slot = StrikeStorage.load().slots[strikeId % STRIKE_SLOTS];
        slot.record = slot.record.withHorizon(block.timestamp - slot.record.openedAt());
    }

    /// @dev An open strike's two words. Fails for any other.
    function requireOpen(CoreWord core, uint256 strikeId) internal view returns (StrikeWord record, LotsWord weights) {
        (record, weights) = slotAt(strikeId % STRIKE_SLOTS);
        if (!core.isOpen(strikeId) || record.id() != strikeId) {
            revert IStrikeBot.StrikeNotOpen(strikeId);
        }
    }

    function slotAt(uint256 slot) internal view returns (StrikeWord record, LotsWord weights) {
        StrikeStorage.Slot storage s = StrikeStorage.load().slots[slot];
        return (s.record, s.weights);
    }

    /// @dev The gates of the prediction itself.
    function _accept(Prediction calldata prediction, bytes calldata signature, CoreWord core) private {
        address engine = prediction.engine;
        Engine storage signer = LibAccess.requireEngine(engine);
        LibPrediction.requireSignedBy(engine, prediction, signature);
        LibScore.requireModel(engine, prediction.modelId);
        if (block.timestamp < prediction.validFrom) {
            revert IStrikeBot.PredictionNotYetValid(prediction.validFrom, block.timestamp);
        }
        if (block.timestamp > prediction.validUntil) {
            revert IStrikeBot.PredictionExpired(prediction.validUntil, block.timestamp);
        }
        LibAccess.useNonce(engine, signer, prediction.nonce);
        uint256 confidence = prediction.confidenceBps;
        uint256 threshold = MIN_CONFIDENCE_BPS + core.thresholdOverBps();
        if (confidence < threshold) revert IAccess.ConfidenceTooLow(confidence, threshold);
        if (confidence > BPS) revert IAccess.ConfidenceOutOfRange(confidence);
    }

    /// @dev A strike ends in time, loses at most what the market allows before it is due, and is worth taking by the
    /// engine's own word.
    function _requireBarriers(StrikeWord terms, RulesWord rules) private pure {
        (uint256 horizon, uint256 stopLoss) = (terms.horizon(), terms.stopLossBps());
        if (horizon == 0 || horizon > rules.maxHorizon()) {
            revert IStrikeBot.InvalidHorizon(horizon, rules.maxHorizon());
        }
        if (stopLoss == 0 || stopLoss > rules.maxStopLossBps()) {
            revert IStrikeBot.InvalidStopLoss(stopLoss, rules.maxStopLossBps());
        }
        (uint256 confidence, uint256 takeProfit) = (terms.confidenceBps(), terms.takeProfitBps());
        // A confidence is at most 10000; all are of 16 bits.
        unchecked {
            if (takeProfit != 0 && confidence * takeProfit <= (BPS - confidence) * stopLoss) {
                revert IStrikeBot.NegativeExpectation(confidence, takeProfit, stopLoss);
            }
        }
    }

    /// @dev Who takes part and with how much, within every cap.
    function _size(
        Prediction calldata prediction,
        StrikeWord terms,
        CoreWord core,
        MarketState state,
        RulesWord rules,
        Operator storage grant
    ) private returns (LotsWord weights, uint256 notional) {
        Signal signal = prediction.signal;
        uint256 confidence = terms.confidenceBps();
        uint256 factorBps = LibScore.factor(terms.modelId(), confidence, signal);
        if (!_isStrong(signal)) factorBps = factorBps * REGULAR_STRENGTH_BPS / BPS;
        uint256 lots;
        (weights, lots) = LibFleet.allocate(
            LibFleet.Sizing({
                strategies: prediction.strategies,
                confidenceOverBps: confidence - MIN_CONFIDENCE_BPS,
                isLong: isLong(signal),
                factorBps: factorBps,
                maxBotLots: rules.maxBotLots()
            })
        );
        if (lots == 0) revert IStrikeBot.NoParticipants();
        LibMarket.charge(terms.market(), state, rules, lots);
        // At most 25,575 lots of 32 bits, and that times at most 10^16.
        unchecked {
            LibAccess.chargeBudget(grant, lots * core.lot());
            notional = lots * core.lotValue();
        }
    }

    function _isStrong(Signal signal) private pure returns (bool) {
        return signal == Signal.StrongLong || signal == Signal.StrongShort;
    }

    /// @dev The next id whose slot is free.
    function _claim(CoreWord core) private pure returns (uint256 strikeId, CoreWord claimed) {
        if (core.openBitmap() == type(uint64).max) revert IStrikeBot.TooManyOpenStrikes();
        // 32 bits, and at most 64 more.
        unchecked {
            strikeId = core.lastStrikeId() + 1;
            while (core.isOpen(strikeId)) ++strikeId;
        }
        claimed = core.withOpened(strikeId);
    }

    /// @return baseAmount Received by a long, sold by a short.
    function _trade(
        uint256 market,
        bool long,
        MarketState state,
        RulesWord rules,
        uint256 notional,
        uint256 limitAmount
    ) private returns (uint256 baseAmount) {
        Route memory r = route(market, state, !long);
        if (long) {
            baseAmount = LibSwap.exactIn(r, notional);
        } else {
            baseAmount = LibSwap.exactOut(r, notional, LibTreasury.inventoryOf(r.tokenIn));
            LibTreasury.debitInventory(r.tokenIn, baseAmount);
        }
        LibMarket.requireNearOracle(market, state, rules, baseAmount, notional);
        if (long ? baseAmount < limitAmount : baseAmount > limitAmount) {
            revert ISwapCallback.SlippageExceeded(baseAmount, limitAmount);
        }
    }

    function _emitOpened(StrikeWord record, Prediction calldata prediction, LotsWord weights, uint256 notional)
        private
    {
        emit IStrikeBot.StrikeOpened(
            record.id(),
            prediction.engine,
            msg.sender,
            prediction.nonce,
            record.market(),
            prediction.signal,
            record.confidenceBps(),
            record.modelId(),
            record.horizon(),
            record.takeProfitBps(),
            record.stopLossBps(),
            record.baseAmount(),
            notional,
            LotsWord.unwrap(weights)
        );
    }

    function _store(StrikeWord record, LotsWord weights, Signal signal) private {
        StrikeStorage.Slot storage slot = StrikeStorage.load().slots[record.id() % STRIKE_SLOTS];
        slot.record = record;
        slot.weights = weights.withSignal(signal);
    }
}
