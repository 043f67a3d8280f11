// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IMarket} from "../../interfaces/IMarket.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {ACTION_SETTLE, BPS} from "../../types/AccessTypes.sol";
import {LotsWord} from "../../types/LotsWord.sol";
import {MarketState} from "../../types/MarketState.sol";
import {Route} from "../../types/MarketTypes.sol";
import {RulesWord} from "../../types/RulesWord.sol";
import {Closing, Signal} from "../../types/StrikeTypes.sol";
import {StrikeWord} from "../../types/StrikeWord.sol";
import {LibAccess} from "../access/LibAccess.sol";
import {LibBreakers} from "../fleet/LibBreakers.sol";
import {LibFleet} from "../fleet/LibFleet.sol";
import {LibScore} from "../fleet/LibScore.sol";
import {LibMarket} from "../market/LibMarket.sol";
import {LibReference} from "../market/LibReference.sol";
import {LibTreasury} from "../treasury/LibTreasury.sol";
import {LibStrike} from "./LibStrike.sol";
import {LibSwap} from "./LibSwap.sol";

/// @title Closing a strike: by a swap, and what every closing books
library LibSettlement {
    /// @dev A short can spend its proceeds and its margin to buy back: twice its notional.
    uint256 internal constant SHORT_COVER = 2;
    /// @dev The most book units that one strike counts as won: more than its bots can hold together. What is over goes
    /// to the reserve, so that no price, however absurd, fills the books' sums and stops a settlement.
    int256 private constant MAX_UNITS = 2 ** 56 - 1;

    /// @dev An open strike.
    /// @param core As the running call changes it; `close` writes it.
    /// @param lot Book units. Here, and not taken out of the core word each time that it is needed.
    /// @param notional Raw quote.
    struct Position {
        CoreWord core;
        StrikeWord record;
        LotsWord weights;
        uint256 lots;
        uint256 lot;
        uint256 notional;
        bool long;
    }

    /// @dev How a strike was closed. Amounts raw.
    /// @param worth What the exit price makes of its base, and whether that agrees with a win; 0 where unknown.
    /// @param limit Quote that is counted at most (long), or at least (short); 0 where unknown.
    /// @param late Whether it was closed so late that it can't count as won.
    struct Deal {
        Closing how;
        uint256 baseAmount;
        uint256 quoteAmount;
        uint256 worth;
        uint256 limit;
        bool late;
    }

    // Guarded, and so are the view functions that read what is written after the swap.
    // slither-disable-next-line reentrancy-benign
    function settle(uint256 strikeId, uint256 limitAmount) internal returns (int256 pnl) {
        LibAccess.requireOperatorOrOwner(ACTION_SETTLE);
        Position memory p = position(strikeId);
        closeBooks(p);
        MarketState state = LibMarket.stateOf(p.record.market());
        RulesWord rules = LibMarket.rulesOf(p.record.market());
        Deal memory deal;
        (deal.worth, deal.limit) = LibReference.exit(p.record.market(), state, rules, p.long, p.record.baseAmount());
        // The strike was taken off the books above; what follows needs the measured P&L. All that writes these words is
        // guarded.
        // slither-disable-next-line reentrancy-no-eth
        (deal.baseAmount, deal.quoteAmount) =
            _trade(p.record.market(), state, p.long, p.record.baseAmount(), p.notional);
        _requireExit(p, deal, rules);
        if (p.long ? deal.quoteAmount < limitAmount : deal.quoteAmount > limitAmount) {
            revert ISwapCallback.SlippageExceeded(deal.quoteAmount, limitAmount);
        }
        deal.late = isLate(p.record, rules);
        return close(p, deal);
    }

    function position(uint256 strikeId) internal view returns (Position memory p) {
        p.core = LibFleet.core();
        (p.record, p.weights) = LibStrike.requireOpen(p.core, strikeId);
        p.lots = p.weights.total();
        p.lot = p.core.lot();
        p.notional = p.lots * p.core.lotValue();
        p.long = LibStrike.isLong(p.weights.signal());
    }

    /// @dev Takes the strike off the open ones, before anything is called.
    function closeBooks(Position memory p) internal {
        p.core = p.core.withClosed(p.record.id());
        LibFleet.store(p.core);
        LibMarket.release(p.record.market(), p.lots);
    }

    /// @dev Books what was counted of the measured result; the rest is the reserve's.
    function close(Position memory p, Deal memory deal) internal returns (int256 pnl) {
        uint256 surplus;
        (pnl, surplus) = _count(p, deal);
        bool agrees = p.long ? deal.worth > p.notional : deal.worth != 0 && deal.worth < p.notional;
        bool won = pnl > 0 && agrees && !deal.late;
        if (surplus != 0) LibTreasury.creditSurplus(surplus);
        _book(p, pnl, won);
        emit IStrikeBot.StrikeSettled(
            p.record.id(),
            msg.sender,
            p.record.market(),
            p.weights.signal(),
            p.record.modelId(),
            p.record.confidenceBps(),
            deal.how,
            deal.baseAmount,
            deal.quoteAmount,
            pnl,
            won
        );
    }

    /// @return Unix second from which on the strike is due.
    function dueAt(StrikeWord record) internal pure returns (uint256) {
        return record.openedAt() + record.horizon();
    }

    /// @return Whether the time has passed in which operators and the owner alone close the strike.
    function isLate(StrikeWord record, RulesWord rules) internal view returns (bool) {
        return block.timestamp > dueAt(record) + rules.keeperDelay();
    }

    /// @dev Refuses an operator's exit that is worse than the exit price by more than the market allows. The owner may
    /// close at any price, also where he is an operator. He is asked for last: most callers are operators.
    function _requireExit(Position memory p, Deal memory deal, RulesWord rules) private view {
        // A short that bought back less than it owes paid its price for that much.
        uint256 base = p.record.baseAmount();
        uint256 worth =
            deal.baseAmount == base ? deal.worth : FixedPointMathLib.fullMulDiv(deal.worth, deal.baseAmount, base);
        uint256 deviation = rules.exitDeviationBps();
        bool near = p.long
            ? deal.quoteAmount * BPS >= worth * (BPS - deviation)
            : deal.quoteAmount * BPS <= worth * (BPS + deviation);
        if ((near && deal.worth != 0) || msg.sender == LibAccess.owner()) return;
        if (deal.worth == 0) revert IMarket.OracleUnavailable(p.record.market());
        revert IMarket.OracleDeviation(p.record.market(), deal.quoteAmount, worth);
    }

    /// @param strikeBase What the strike holds of the base, or owes of it.
    function _trade(uint256 market, MarketState state, bool long, uint256 strikeBase, uint256 notional)
        private
        returns (uint256 baseAmount, uint256 quoteAmount)
    {
        Route memory route = LibStrike.route(market, state, long);
        if (long) return (strikeBase, LibSwap.exactIn(route, strikeBase));
        (quoteAmount, baseAmount) = LibSwap.buyBack(route, strikeBase, SHORT_COVER * notional);
        LibTreasury.creditInventory(route.tokenOut, baseAmount);
    }

    /// @dev A price that was moved in the strike's favour earns nothing. Without a reference price nothing counts as
    /// gained.
    function _count(Position memory p, Deal memory deal) private pure returns (int256 pnl, uint256 surplus) {
        uint256 amount = deal.quoteAmount;
        uint256 limit = deal.limit == 0 ? p.notional : deal.limit;
        if (p.long) {
            uint256 counted = FixedPointMathLib.min(amount, limit);
            return (int256(counted) - int256(p.notional), amount - counted);
        }
        // A short's cost ends at its cover, and so does what it is counted as.
        uint256 cost = FixedPointMathLib.max(amount, FixedPointMathLib.min(limit, SHORT_COVER * p.notional));
        return (int256(p.notional) - int256(cost), cost - amount);
    }

    function _book(Position memory p, int256 pnl, bool won) private {
        CoreWord core = p.core;
        int256 unit = int256(core.unit());
        int256 units = pnl / unit;
        if (pnl < 0 && pnl % unit != 0) --units;
        else if (units > MAX_UNITS) units = MAX_UNITS;
        (int256 shared, uint256 equity) = LibFleet.book(p.weights, p.lots, units, won, p.lot);
        Signal signal = p.weights.signal();
        LibScore.record(p.record.modelId(), p.record.confidenceBps(), signal, units, won);
        core = LibBreakers.mark(core, units, won, equity);
        uint256 dust = uint256(pnl - shared * unit) + core.dust();
        // Dust waits in the core word, which is written anyway, and is carried to the reserve when that is full.
        if (dust > type(uint8).max) {
            LibTreasury.creditSurplus(dust);
            dust = 0;
        }
        core = core.withDust(dust);
        LibFleet.store(core);
    }
}
