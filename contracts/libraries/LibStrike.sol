// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccess} from "../interfaces/IAccess.sol";
import {IFleet} from "../interfaces/IFleet.sol";
import {IStrikeBot} from "../interfaces/IStrikeBot.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3.sol";
import {ACTION_STRIKE, BPS, MIN_CONFIDENCE_BPS} from "../types/AccessTypes.sol";
import {MarketRules, MarketState} from "../types/MarketTypes.sol";
import {FleetCore, Prediction, STRIKE_SLOTS, Signal, StrikeRecord} from "../types/StrikeTypes.sol";
import {BotWords} from "./BotWords.sol";
import {LibAccess} from "./LibAccess.sol";
import {LibFleet} from "./LibFleet.sol";
import {LibMarket} from "./LibMarket.sol";
import {LibPrediction} from "./LibPrediction.sol";
import {LibScore} from "./LibScore.sol";
import {LibSwap} from "./LibSwap.sol";
import {LibTreasury} from "./LibTreasury.sol";
import {StrikeStorage} from "./storage/StrikeStorage.sol";

/// @title Opening a strike
/// @dev A long spends its notional and holds the base it got. A short sells base of the inventory for its notional and
/// locks an equal margin; settling buys that base back. Either way the notional is the strike's lots, and the most it
/// can lose.
library LibStrike {
    uint256 private constant REGULAR_STRENGTH_BPS = 5000;

    /// @dev What opening a strike has found out so far.
    struct Opening {
        bool isLong;
        MarketState state;
        MarketRules rules;
        uint256 weights;
        uint256 lots;
        uint256 notional;
        uint256 baseAmount;
    }

    function open(Prediction calldata prediction, bytes calldata signature, uint256 limitAmount)
        internal
        returns (uint256 strikeId)
    {
        FleetCore memory core = LibFleet.core();
        if (core.lot == 0) revert IFleet.NotInitialized();
        if (LibFleet.isPaused(core)) revert IAccess.EnforcedPause();
        if (LibFleet.isHalted(core)) revert IStrikeBot.FleetHalted();
        LibAccess.requireOperator(ACTION_STRIKE);
        _accept(prediction, signature, core);
        Opening memory o;
        o.isLong = isLong(prediction.signal);
        (o.state, o.rules) = LibMarket.admit(prediction.market, o.isLong);
        _size(prediction, core, o);
        strikeId = _claim(core);
        LibFleet.store(core);
        _trade(prediction, o, limitAmount);
        (uint256 record, uint256 weights) = _record(strikeId, prediction, o);
        emit IStrikeBot.StrikeOpened(
            strikeId, prediction.engine, msg.sender, prediction.nonce, record, weights, o.notional
        );
    }

    function isLong(Signal signal) internal pure returns (bool) {
        return signal <= Signal.Long;
    }

    function signalOf(uint256 weights) internal pure returns (Signal) {
        return Signal((weights >> BotWords.SIGNAL_SHIFT) & 3);
    }

    /// @return Raw quote units in one lot.
    function lotValue(FleetCore memory core) internal pure returns (uint256) {
        return uint256(core.lot) * unit(core);
    }

    /// @return Raw quote units in one book unit.
    function unit(FleetCore memory core) internal pure returns (uint256) {
        return 10 ** core.unitExponent;
    }

    /// @dev The pool's tokens are asked of the pool, which its factory vouched for: cheaper than storing them here.
    function route(MarketState memory state, bool sellBase) internal view returns (LibSwap.Route memory) {
        address token0 = IUniswapV3Pool(state.pool).token0();
        address token1 = IUniswapV3Pool(state.pool).token1();
        bool zeroForOne = sellBase == state.baseIsToken0;
        return LibSwap.Route({
            venue: state.venue,
            pool: state.pool,
            zeroForOne: zeroForOne,
            tokenIn: zeroForOne ? token0 : token1,
            tokenOut: zeroForOne ? token1 : token0
        });
    }

    function bit(uint256 strikeId) internal pure returns (uint64) {
        return uint64(1) << uint64(strikeId % STRIKE_SLOTS);
    }

    /// @dev An open strike's two words. Fails for any other.
    function requireOpen(FleetCore memory core, uint256 strikeId)
        internal
        view
        returns (StrikeRecord memory record, uint256 weights)
    {
        (record, weights) = slotAt(strikeId % STRIKE_SLOTS);
        if (core.openBitmap & bit(strikeId) == 0 || record.id != strikeId) revert IStrikeBot.StrikeNotOpen(strikeId);
    }

    function slotAt(uint256 slot) internal view returns (StrikeRecord memory record, uint256 weights) {
        StrikeStorage.Slot storage s = StrikeStorage.load().slots[slot];
        return (s.record, s.weights);
    }

    /// @dev The gates of the prediction itself.
    function _accept(Prediction calldata prediction, bytes calldata signature, FleetCore memory core) private {
        LibAccess.requireEngine(prediction.engine);
        LibPrediction.requireSignedBy(prediction.engine, prediction, signature);
        if (block.timestamp < prediction.validFrom) {
            revert IStrikeBot.PredictionNotYetValid(prediction.validFrom, block.timestamp);
        }
        if (block.timestamp > prediction.validUntil) {
            revert IStrikeBot.PredictionExpired(prediction.validUntil, block.timestamp);
        }
        LibAccess.useNonce(prediction.engine, prediction.nonce);
        uint256 confidence = prediction.confidenceBps;
        uint256 threshold = uint256(MIN_CONFIDENCE_BPS) + core.thresholdOverBps;
        if (confidence < threshold) revert IAccess.ConfidenceTooLow(confidence, threshold);
        if (confidence > BPS) revert IAccess.ConfidenceOutOfRange(confidence);
        if (prediction.horizon == 0 || prediction.stopLossBps >= BPS) {
            revert IStrikeBot.InvalidBarriers(prediction.horizon, prediction.takeProfitBps, prediction.stopLossBps);
        }
    }

    /// @dev Who takes part and with how much, within every cap.
    function _size(Prediction calldata prediction, FleetCore memory core, Opening memory o) private {
        uint256 factorBps = LibScore.factor(prediction.modelId, prediction.confidenceBps, prediction.signal);
        if (!_isStrong(prediction.signal)) factorBps = factorBps * REGULAR_STRENGTH_BPS / BPS;
        (o.weights, o.lots) = LibFleet.allocate(
            LibFleet.Sizing({
                strategies: prediction.strategies,
                confidenceOverBps: prediction.confidenceBps - MIN_CONFIDENCE_BPS,
                isLong: o.isLong,
                factorBps: factorBps,
                maxBotLots: o.rules.maxBotLots
            })
        );
        if (o.lots == 0) revert IStrikeBot.NoParticipants();
        LibMarket.charge(prediction.market, o.state, o.rules, o.lots);
        LibAccess.chargeBudget(o.lots * core.lot);
        o.notional = o.lots * lotValue(core);
    }

    function _isStrong(Signal signal) private pure returns (bool) {
        return signal == Signal.StrongLong || signal == Signal.StrongShort;
    }

    /// @dev The next id whose slot is free.
    function _claim(FleetCore memory core) private pure returns (uint256 strikeId) {
        if (core.openBitmap == type(uint64).max) revert IStrikeBot.TooManyOpenStrikes();
        strikeId = uint256(core.lastStrikeId) + 1;
        while (core.openBitmap & bit(strikeId) != 0) ++strikeId;
        core.lastStrikeId = uint32(strikeId);
        core.openBitmap |= bit(strikeId);
    }

    function _trade(Prediction calldata prediction, Opening memory o, uint256 limitAmount) private {
        LibSwap.Route memory r = route(o.state, !o.isLong);
        if (o.isLong) {
            o.baseAmount = LibSwap.exactIn(r, o.notional);
        } else {
            o.baseAmount = LibSwap.exactOut(r, o.notional, LibTreasury.inventoryOf(r.tokenIn));
            LibTreasury.debitInventory(r.tokenIn, o.baseAmount);
        }
        LibMarket.requireNearOracle(prediction.market, o.state, o.rules, o.baseAmount, o.notional);
        if (o.isLong ? o.baseAmount < limitAmount : o.baseAmount > limitAmount) {
            revert ISwapCallback.SlippageExceeded(o.baseAmount, limitAmount);
        }
    }

    /// @dev Stores the strike, and returns its two words as they are stored, for the event.
    function _record(uint256 strikeId, Prediction calldata prediction, Opening memory o)
        private
        returns (uint256 record, uint256 weights)
    {
        if (o.baseAmount > type(uint96).max) revert IStrikeBot.BaseAmountOverflow(o.baseAmount);
        weights = o.weights | (uint256(prediction.signal) << BotWords.SIGNAL_SHIFT);
        StrikeStorage.Slot storage slot = StrikeStorage.load().slots[strikeId % STRIKE_SLOTS];
        slot.weights = weights;
        slot.record = StrikeRecord({
            id: uint32(strikeId),
            baseAmount: uint96(o.baseAmount),
            openedAt: uint32(block.timestamp),
            horizon: prediction.horizon,
            takeProfitBps: prediction.takeProfitBps,
            stopLossBps: prediction.stopLossBps,
            confidenceBps: prediction.confidenceBps,
            market: prediction.market,
            modelId: prediction.modelId
        });
        assembly ("memory-safe") {
            record := sload(slot.slot)
        }
    }
}
