// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {ACTION_SETTLE, BPS} from "../../types/AccessTypes.sol";
import {MarketRules, MarketState} from "../../types/MarketTypes.sol";
import {Due, FleetCore, Signal, StrikeRecord} from "../../types/StrikeTypes.sol";
import {BotWords} from "../fleet/BotWords.sol";
import {LibAccess} from "../access/LibAccess.sol";
import {LibFleet} from "../fleet/LibFleet.sol";
import {LibMarket} from "../market/LibMarket.sol";
import {LibScore} from "../fleet/LibScore.sol";
import {LibStrike} from "./LibStrike.sol";
import {LibSwap} from "./LibSwap.sol";
import {LibTreasury} from "../treasury/LibTreasury.sol";

/// @title Closing a strike
library LibSettlement {
    /// @dev A short can spend its proceeds and its margin to buy back: twice its notional.
    uint256 private constant SHORT_COVER = 2;
    /// @dev The most book units that one strike counts as won: more than its bots can hold together. What is over goes
    /// to the reserve, so that no price, however absurd, fills the books' sums and stops a settlement.
    int256 private constant MOST_UNITS = 2 ** 56 - 1;

    // Guarded, and so are the view functions that read what is written after the swap.
    // slither-disable-next-line reentrancy-benign
    function settle(uint256 strikeId, uint256 limitAmount) internal returns (int256 pnl) {
        FleetCore memory core = LibFleet.core();
        (StrikeRecord memory record, uint256 weights) = LibStrike.requireOpen(core, strikeId);
        bool bounded = _authorise(strikeId, core, record, weights);
        (uint256 lots, uint256 notional) = _take(core, record, weights);
        MarketState memory state = LibMarket.stateOf(record.market);
        bool long = LibStrike.isLong(LibStrike.signalOf(weights));
        // The strike was taken off the books above; what follows needs the measured P&L. All that writes these words is
        // guarded.
        // slither-disable-next-line reentrancy-no-eth
        (uint256 baseAmount, uint256 quoteAmount) = _trade(record.market, state, long, record.baseAmount, notional);
        pnl = long ? int256(quoteAmount) - int256(notional) : int256(notional) - int256(quoteAmount);
        if (bounded) {
            MarketRules storage rules = LibMarket.rulesOf(record.market);
            LibMarket.requireNoWorse(record.market, state, rules, long, baseAmount, quoteAmount);
        }
        if (long ? quoteAmount < limitAmount : quoteAmount > limitAmount) {
            revert ISwapCallback.SlippageExceeded(quoteAmount, limitAmount);
        }
        _book(core, record, weights, lots, pnl);
        emit IStrikeBot.StrikeSettled(strikeId, msg.sender, baseAmount, quoteAmount, pnl);
    }

    /// @dev A long's base becomes inventory; a short's proceeds and margin, which are in the diamond, reserve.
    function writeOff(uint256 strikeId) internal {
        FleetCore memory core = LibFleet.core();
        (StrikeRecord memory record, uint256 weights) = LibStrike.requireOpen(core, strikeId);
        (uint256 lots, uint256 notional) = _take(core, record, weights);
        if (LibStrike.isLong(LibStrike.signalOf(weights))) {
            LibTreasury.creditInventory(LibMarket.baseOf(record.market), record.baseAmount);
        } else {
            LibTreasury.creditReserve(SHORT_COVER * notional);
        }
        _book(core, record, weights, lots, -int256(notional));
        emit IStrikeBot.StrikeWrittenOff(strikeId, notional);
    }

    function canSettle(uint256 strikeId) internal view returns (bool due, Due reason) {
        FleetCore memory core = LibFleet.core();
        (StrikeRecord memory record, uint256 weights) = LibStrike.slotAt(strikeId % 64);
        if (strikeId == 0 || record.id != strikeId || core.openBitmap & LibStrike.bit(strikeId) == 0) {
            return (false, Due.NotOpen);
        }
        reason = _due(core, record, weights);
        due = reason != Due.NotYet && reason != Due.OracleUnavailable;
    }

    /// @return bounded Whether the oracle bounds the price: for all but the owner.
    function _authorise(uint256 strikeId, FleetCore memory core, StrikeRecord memory record, uint256 weights)
        private
        view
        returns (bool bounded)
    {
        if (LibAccess.isOperator(msg.sender, ACTION_SETTLE)) return true;
        if (msg.sender == LibAccess.owner()) return false;
        Due reason = _due(core, record, weights);
        if (reason == Due.NotYet || reason == Due.OracleUnavailable) revert IStrikeBot.StrikeNotDue(strikeId);
        return true;
    }

    /// @dev Time first: a strike past its horizon is due though its oracle is silent.
    function _due(FleetCore memory core, StrikeRecord memory record, uint256 weights) private view returns (Due) {
        if (block.timestamp >= uint256(record.openedAt) + record.horizon) return Due.Horizon;
        (bool ok, uint256 worth) = LibMarket.tryOracleQuote(
            record.market, LibMarket.stateOf(record.market), LibMarket.rulesOf(record.market), record.baseAmount
        );
        if (!ok) return Due.OracleUnavailable;
        uint256 notional = BotWords.totalLots(weights) * LibStrike.lotValue(core);
        bool long = LibStrike.isLong(LibStrike.signalOf(weights));
        bool rose = worth >= notional;
        uint256 moved = (rose ? worth - notional : notional - worth) * BPS;
        uint256 barrier = rose == long ? record.takeProfitBps : record.stopLossBps;
        if (barrier == 0 || moved < barrier * notional) return Due.NotYet;
        return rose == long ? Due.TakeProfit : Due.StopLoss;
    }

    /// @dev Closes the books on the strike before anything is called.
    function _take(FleetCore memory core, StrikeRecord memory record, uint256 weights)
        private
        returns (uint256 lots, uint256 notional)
    {
        lots = BotWords.totalLots(weights);
        notional = lots * LibStrike.lotValue(core);
        core.openBitmap &= ~LibStrike.bit(record.id);
        LibFleet.storeOpen(core);
        LibMarket.release(record.market, lots);
    }

    /// @param held What the strike holds of the base, or owes of it.
    function _trade(uint256 market, MarketState memory state, bool long, uint256 held, uint256 notional)
        private
        returns (uint256 baseAmount, uint256 quoteAmount)
    {
        LibSwap.Route memory route = LibStrike.route(market, state, long);
        if (long) return (held, LibSwap.exactIn(route, held));
        (quoteAmount, baseAmount) = LibSwap.buyBack(route, held, SHORT_COVER * notional);
        LibTreasury.creditInventory(route.tokenOut, baseAmount);
    }

    function _book(FleetCore memory core, StrikeRecord memory record, uint256 weights, uint256 lots, int256 pnl)
        private
    {
        bool won = pnl > 0;
        int256 unit = int256(LibStrike.unit(core));
        int256 units = pnl / unit;
        if (pnl < 0 && pnl % unit != 0) --units;
        else if (units > MOST_UNITS) units = MOST_UNITS;
        (int256 shared, uint256 equity) = LibFleet.book(weights, lots, units, won, core.lot);
        Signal signal = LibStrike.signalOf(weights);
        LibScore.record(record.modelId, record.confidenceBps, signal, units, won);
        LibFleet.mark(core, units, won, equity);
        uint256 dust = uint256(pnl - shared * unit) + core.dust;
        // Dust waits in the core word, which is written anyway, and is carried to the reserve when that is full.
        if (dust > type(uint8).max) {
            LibTreasury.creditReserve(dust);
            dust = 0;
        }
        core.dust = uint8(dust);
        LibFleet.storeOutcome(core);
    }
}
