// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccess} from "../../interfaces/IAccess.sol";
import {IFleet} from "../../interfaces/IFleet.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {ACTION_STRIKE, BPS, MIN_CONFIDENCE_BPS} from "../../types/AccessTypes.sol";
import {MarketState} from "../../types/MarketState.sol";
import {MarketRules, Route} from "../../types/MarketTypes.sol";
import {Prediction, STRIKE_SLOTS, Signal, StrikeRecord} from "../../types/StrikeTypes.sol";
import {BotWords} from "../fleet/BotWords.sol";
import {LibAccess} from "../access/LibAccess.sol";
import {LibFleet} from "../fleet/LibFleet.sol";
import {LibMarket} from "../market/LibMarket.sol";
import {LibPrediction} from "./LibPrediction.sol";
import {LibScore} from "../fleet/LibScore.sol";
import {LibSwap} from "./LibSwap.sol";
import {LibTreasury} from "../treasury/LibTreasury.sol";
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
        LibAccess.requireOperator(ACTION_STRIKE);
        _accept(prediction, signature, core);
        bool long = isLong(prediction.signal);
        uint256 market = prediction.market;
        MarketState memory state = LibMarket.stateOf(market);
        MarketRules storage rules = LibMarket.rulesOf(market);
        LibMarket.requireAdmitted(market, state, rules, long);
        _requireBarriers(prediction, rules);
        (uint256 weights, uint256 notional) = _size(prediction, core, state, rules);
        (strikeId, core) = _claim(core);
        LibFleet.store(core);
        uint256 baseAmount = _trade(market, long, state, rules, notional, limitAmount);
        _record(strikeId, prediction, weights, baseAmount);
        _emitOpened(strikeId, prediction, weights, baseAmount, notional);
    }

    function isLong(Signal signal) internal pure returns (bool) {
        return signal <= Signal.Long;
    }

    function signalOf(uint256 weights) internal pure returns (Signal) {
        return Signal((weights >> BotWords.SIGNAL_SHIFT) & 3);
    }

    /// @dev The tokens are the market's own and the fleet's quote, from storage: a pool that turned can't name others.
    function route(uint256 market, MarketState memory state, bool sellBase) internal view returns (Route memory) {
        (address base, address quote) = (LibMarket.baseOf(market), LibTreasury.quote());
        return Route({
            venue: state.traits.venue(),
            pool: state.pool,
            zeroForOne: sellBase == state.traits.baseIsToken0(),
            tokenIn: sellBase ? base : quote,
            tokenOut: sellBase ? quote : base
        });
    }

    function bit(uint256 strikeId) internal pure returns (uint256) {
        return 1 << (strikeId % STRIKE_SLOTS);
    }

    function isOpen(CoreWord core, uint256 strikeId) internal view returns (bool) {
        (StrikeRecord storage record,) = slotAt(strikeId % STRIKE_SLOTS);
        return core.openBitmap() & bit(strikeId) != 0 && record.id == strikeId;
    }

    /// @dev An open strike whose time is not over is due from now on.
    function makeDue(uint256 strikeId) internal {
        StrikeRecord storage record = StrikeStorage.load().slots[strikeId % STRIKE_SLOTS].record;
        record.horizon = uint24(block.timestamp - record.openedAt);
    }

    /// @dev An open strike's two words. Fails for any other.
    function requireOpen(CoreWord core, uint256 strikeId)
        internal
        view
        returns (StrikeRecord storage record, uint256 weights)
    {
        (record, weights) = slotAt(strikeId % STRIKE_SLOTS);
        if (core.openBitmap() & bit(strikeId) == 0 || record.id != strikeId) revert IStrikeBot.StrikeNotOpen(strikeId);
    }

    function slotAt(uint256 slot) internal view returns (StrikeRecord storage record, uint256 weights) {
        StrikeStorage.Slot storage s = StrikeStorage.load().slots[slot];
        return (s.record, s.weights);
    }

    /// @dev The gates of the prediction itself.
    function _accept(Prediction calldata prediction, bytes calldata signature, CoreWord core) private {
        address engine = prediction.engine;
        LibAccess.requireEngine(engine);
        LibPrediction.requireSignedBy(engine, prediction, signature);
        LibScore.requireModel(engine, prediction.modelId);
        if (block.timestamp < prediction.validFrom) {
            revert IStrikeBot.PredictionNotYetValid(prediction.validFrom, block.timestamp);
        }
        if (block.timestamp > prediction.validUntil) {
            revert IStrikeBot.PredictionExpired(prediction.validUntil, block.timestamp);
        }
        LibAccess.useNonce(engine, prediction.nonce);
        uint256 confidence = prediction.confidenceBps;
        uint256 threshold = MIN_CONFIDENCE_BPS + core.thresholdOverBps();
        if (confidence < threshold) revert IAccess.ConfidenceTooLow(confidence, threshold);
        if (confidence > BPS) revert IAccess.ConfidenceOutOfRange(confidence);
    }

    /// @dev A strike ends in time, loses at most what the market allows before it is due, and is worth taking by the
    /// engine's own word.
    function _requireBarriers(Prediction calldata prediction, MarketRules storage rules) private view {
        (uint256 horizon, uint256 stopLoss) = (prediction.horizon, prediction.stopLossBps);
        if (horizon == 0 || horizon > rules.maxHorizon) revert IStrikeBot.InvalidHorizon(horizon, rules.maxHorizon);
        if (stopLoss == 0 || stopLoss > rules.maxStopLossBps) {
            revert IStrikeBot.InvalidStopLoss(stopLoss, rules.maxStopLossBps);
        }
        (uint256 confidence, uint256 takeProfit) = (prediction.confidenceBps, prediction.takeProfitBps);
        if (takeProfit != 0 && confidence * takeProfit <= (BPS - confidence) * stopLoss) {
            revert IStrikeBot.NegativeExpectation(confidence, takeProfit, stopLoss);
        }
    }

    /// @dev Who takes part and with how much, within every cap.
    function _size(Prediction calldata prediction, CoreWord core, MarketState memory state, MarketRules storage rules)
        private
        returns (uint256 weights, uint256 notional)
    {
        Signal signal = prediction.signal;
        uint256 confidence = prediction.confidenceBps;
        uint256 factorBps = LibScore.factor(prediction.modelId, confidence, signal);
        if (!_isStrong(signal)) factorBps = factorBps * REGULAR_STRENGTH_BPS / BPS;
        uint256 lots;
        (weights, lots) = LibFleet.allocate(
            LibFleet.Sizing({
                strategies: prediction.strategies,
                confidenceOverBps: confidence - MIN_CONFIDENCE_BPS,
                isLong: isLong(signal),
                factorBps: factorBps,
                maxBotLots: rules.maxBotLots
            })
        );
        if (lots == 0) revert IStrikeBot.NoParticipants();
        LibMarket.charge(prediction.market, state, rules, lots);
        LibAccess.chargeBudget(lots * core.lot());
        notional = lots * core.lotValue();
    }

    function _isStrong(Signal signal) private pure returns (bool) {
        return signal == Signal.StrongLong || signal == Signal.StrongShort;
    }

    /// @dev The next id whose slot is free.
    function _claim(CoreWord core) private pure returns (uint256 strikeId, CoreWord claimed) {
        uint256 open = core.openBitmap();
        if (open == type(uint64).max) revert IStrikeBot.TooManyOpenStrikes();
        // 32 bits, and at most 64 more.
        unchecked {
            strikeId = core.lastStrikeId() + 1;
            while (open & bit(strikeId) != 0) ++strikeId;
        }
        claimed = core.withLastStrikeId(strikeId).withOpenBitmap(open | bit(strikeId));
    }

    /// @return baseAmount Received by a long, sold by a short.
    function _trade(
        uint256 market,
        bool long,
        MarketState memory state,
        MarketRules storage rules,
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

    function _emitOpened(
        uint256 strikeId,
        Prediction calldata prediction,
        uint256 weights,
        uint256 baseAmount,
        uint256 notional
    ) private {
        emit IStrikeBot.StrikeOpened(
            strikeId,
            prediction.engine,
            msg.sender,
            prediction.nonce,
            prediction.market,
            prediction.signal,
            prediction.confidenceBps,
            prediction.modelId,
            prediction.horizon,
            prediction.takeProfitBps,
            prediction.stopLossBps,
            baseAmount,
            notional,
            weights
        );
    }

    /// @dev Stores the strike. Its record is put together here as the compiler lays out StrikeRecord, whose members it
    /// would write one by one.
    function _record(uint256 strikeId, Prediction calldata prediction, uint256 weights, uint256 baseAmount) private {
        if (baseAmount > type(uint96).max) revert IStrikeBot.BaseAmountOverflow(baseAmount);
        uint256 record = uint32(strikeId) | (baseAmount << 32) | (uint256(uint32(block.timestamp)) << 128)
            | (uint256(prediction.horizon) << 160) | (uint256(prediction.takeProfitBps) << 184)
            | (uint256(prediction.stopLossBps) << 200) | (uint256(prediction.confidenceBps) << 216)
            | (uint256(prediction.market) << 232) | (uint256(prediction.modelId) << 240);
        StrikeStorage.Slot storage slot = StrikeStorage.load().slots[strikeId % STRIKE_SLOTS];
        slot.weights = weights | (uint256(prediction.signal) << BotWords.SIGNAL_SHIFT);
        assembly ("memory-safe") {
            sstore(slot.slot, record)
        }
    }
}
