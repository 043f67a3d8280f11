// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStrikeBot} from "../interfaces/IStrikeBot.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {ACTION_SETTLE, BPS} from "../types/AccessTypes.sol";
import {MarketState} from "../types/MarketTypes.sol";
import {Due, FleetCore, Signal, StrikeRecord} from "../types/StrikeTypes.sol";
import {BotWords} from "./BotWords.sol";
import {LibAccess} from "./LibAccess.sol";
import {LibFleet} from "./LibFleet.sol";
import {LibMarket} from "./LibMarket.sol";
import {LibScore} from "./LibScore.sol";
import {LibStrike} from "./LibStrike.sol";
import {LibSwap} from "./LibSwap.sol";
import {LibTreasury} from "./LibTreasury.sol";

/// @title Closing a strike
library LibSettlement {
    /// @dev A short can spend its proceeds and its margin to buy back: twice its notional.
    uint256 private constant SHORT_COVER = 2;
    /// @dev The most book units that one strike counts as won: more than its bots can hold together. What is over goes
    /// to the reserve, so that no price, however absurd, fills the books' sums and stops a settlement.
    int256 private constant MOST_UNITS = 2 ** 56 - 1;

    /// @dev What settling a strike has found out so far.
    struct Closing {
        StrikeRecord record;
        uint256 weights;
        uint256 lots;
        uint256 notional;
        uint256 baseAmount;
        uint256 quoteAmount;
    }

    function settle(uint256 strikeId, uint256 limitAmount) internal returns (int256 pnl) {
        FleetCore memory core = LibFleet.core();
        Closing memory c;
        (c.record, c.weights) = LibStrike.requireOpen(core, strikeId);
        bool bounded = _authorise(strikeId, core, c.record, c.weights);
        _take(strikeId, core, c);
        bool long = LibStrike.isLong(LibStrike.signalOf(c.weights));
        // The strike was taken off the books above; what follows needs the measured P&L. All that writes these words is
        // guarded.
        // slither-disable-next-line reentrancy-no-eth
        pnl = _trade(c, long);
        if (bounded) LibMarket.requireNoWorse(c.record.market, long, c.baseAmount, c.quoteAmount);
        if (long ? c.quoteAmount < limitAmount : c.quoteAmount > limitAmount) {
            revert ISwapCallback.SlippageExceeded(c.quoteAmount, limitAmount);
        }
        _book(core, c, pnl);
        emit IStrikeBot.StrikeSettled(strikeId, msg.sender, c.baseAmount, c.quoteAmount, pnl);
    }

    /// @dev A long's base becomes inventory; a short's proceeds and margin, which are in the diamond, reserve.
    function writeOff(uint256 strikeId) internal {
        FleetCore memory core = LibFleet.core();
        Closing memory c;
        (c.record, c.weights) = LibStrike.requireOpen(core, strikeId);
        _take(strikeId, core, c);
        if (LibStrike.isLong(LibStrike.signalOf(c.weights))) {
            LibTreasury.creditInventory(LibMarket.baseOf(c.record.market), c.record.baseAmount);
        } else {
            LibTreasury.creditReserve(SHORT_COVER * c.notional);
        }
        _book(core, c, -int256(c.notional));
        emit IStrikeBot.StrikeWrittenOff(strikeId, c.notional);
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
    function _take(uint256 strikeId, FleetCore memory core, Closing memory c) private {
        c.lots = BotWords.totalLots(c.weights);
        c.notional = c.lots * LibStrike.lotValue(core);
        core.openBitmap &= ~LibStrike.bit(strikeId);
        LibFleet.store(core);
        LibMarket.release(c.record.market, c.lots);
    }

    function _trade(Closing memory c, bool long) private returns (int256 pnl) {
        MarketState memory state = LibMarket.stateOf(c.record.market);
        LibSwap.Route memory route = LibStrike.route(state, long);
        if (long) {
            c.baseAmount = c.record.baseAmount;
            c.quoteAmount = LibSwap.exactIn(route, c.baseAmount);
            return int256(c.quoteAmount) - int256(c.notional);
        }
        (c.quoteAmount, c.baseAmount) = LibSwap.buyBack(route, c.record.baseAmount, SHORT_COVER * c.notional);
        LibTreasury.creditInventory(route.tokenOut, c.baseAmount);
        return int256(c.notional) - int256(c.quoteAmount);
    }

    function _book(FleetCore memory core, Closing memory c, int256 pnl) private {
        bool won = pnl > 0;
        int256 unit = int256(LibStrike.unit(core));
        int256 units = pnl / unit;
        if (pnl < 0 && pnl % unit != 0) --units;
        else if (units > MOST_UNITS) units = MOST_UNITS;
        (int256 shared, uint256 equity) = LibFleet.book(c.weights, c.lots, units, won, core.lot);
        Signal signal = LibStrike.signalOf(c.weights);
        LibScore.record(c.record.modelId, c.record.confidenceBps, signal, units, won);
        LibFleet.mark(core, units, won, equity);
        uint256 dust = uint256(pnl - shared * unit) + core.dust;
        // Dust waits in the core word, which is written anyway, and is carried to the reserve when that is full.
        if (dust > type(uint8).max) {
            LibTreasury.creditReserve(dust);
            dust = 0;
        }
        core.dust = uint8(dust);
        LibFleet.store(core);
    }
}
