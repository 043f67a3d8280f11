// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAccess} from "../../interfaces/IAccess.sol";
import {IMarket} from "../../interfaces/IMarket.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {ITakeover} from "../../interfaces/ITakeover.sol";
import {ITreasury} from "../../interfaces/ITreasury.sol";
import {BPS} from "../../types/AccessTypes.sol";
import {MarketRules} from "../../types/MarketTypes.sol";
import {RulesWord} from "../../types/RulesWord.sol";
import {Closing, Due} from "../../types/StrikeTypes.sol";
import {LibFleet} from "../fleet/LibFleet.sol";
import {LibMarket} from "../market/LibMarket.sol";
import {LibReference} from "../market/LibReference.sol";
import {LibTreasury} from "../treasury/LibTreasury.sol";
import {LibSettlement} from "./LibSettlement.sol";
import {LibStrike} from "./LibStrike.sol";

/// @title Closing a strike without a trade of the diamond's
/// @dev A taker pays for a due strike's position with his own tokens, at a price that nothing within the second changes.
/// It falls from the premium over the best reference price for the fleet to the discount under it.
library LibTakeover {
    /// @dev What a takeover would be now.
    /// @param opensAt Unix second from which on anyone may take the strike over.
    /// @param isOver Whether the price has stopped falling: from then on who takes it over chooses the time.
    /// @param offBps The price against the best reference price for the fleet: over it where positive.
    /// @param base Raw base that changes hands: out for a long, in for a short.
    /// @param quote Raw quote that changes hands, the other way; 0 where a reference price is unknown.
    struct Terms {
        uint256 opensAt;
        bool isOver;
        int256 offBps;
        uint256 base;
        uint256 quote;
        LibReference.Prices prices;
    }

    function take(uint256 strikeId, uint256 limitAmount) internal returns (uint256 amountIn, uint256 amountOut) {
        if (LibFleet.takeoversStopped()) revert IAccess.TakeoversAreStopped();
        LibSettlement.Position memory p = LibSettlement.position(strikeId);
        Terms memory terms = _terms(p);
        if (block.timestamp < terms.opensAt) revert ITakeover.StrikeNotTakeable(strikeId, terms.opensAt);
        if (terms.quote == 0) revert IMarket.OracleUnavailable(p.record.market());
        bool worse = p.long ? terms.quote > limitAmount : terms.quote < limitAmount;
        if (worse) revert ISwapCallback.SlippageExceeded(terms.quote, limitAmount);
        LibSettlement.closeBooks(p);
        (amountIn, amountOut) = p.long ? (terms.quote, terms.base) : (terms.base, terms.quote);
        _exchange(p, amountIn, amountOut);
        LibSettlement.close(
            p,
            LibSettlement.Deal({
                how: Closing.Takeover,
                baseAmount: terms.base,
                quoteAmount: terms.quote,
                worth: LibReference.exitOf(LibMarket.rulesOf(p.record.market()), terms.prices),
                limit: p.long
                    ? FixedPointMathLib.max(terms.prices.mean, terms.prices.start)
                    : FixedPointMathLib.min(terms.prices.mean, terms.prices.start),
                late: terms.isOver
            })
        );
        emit ITakeover.StrikeTaken(
            strikeId, msg.sender, terms.offBps, terms.prices.oracle, terms.prices.mean, terms.prices.start
        );
    }

    function quote(uint256 strikeId)
        internal
        view
        returns (bool takeable, uint256 opensAt, uint256 amountIn, uint256 amountOut)
    {
        LibSettlement.Position memory p = LibSettlement.position(strikeId);
        Terms memory terms = _terms(p);
        opensAt = terms.opensAt;
        takeable = terms.quote != 0 && block.timestamp >= opensAt && !LibFleet.takeoversStopped();
        if (takeable) (amountIn, amountOut) = p.long ? (terms.quote, terms.base) : (terms.base, terms.quote);
    }

    /// @dev At the worst for the fleet of the reference prices that are known. The reserve is the other side.
    function closeAtOracle(uint256 strikeId) internal returns (int256 pnl) {
        LibSettlement.Position memory p = LibSettlement.position(strikeId);
        RulesWord rules = LibMarket.rulesOf(p.record.market());
        LibReference.Prices memory prices = _prices(p);
        uint256 price = LibReference.extreme(prices, !p.long);
        if (price == 0) revert IMarket.OracleUnavailable(p.record.market());
        return _closeWithReserve(p, Closing.Oracle, price, LibReference.exitOf(rules, prices));
    }

    /// @dev Asks nothing of anyone, so that it always works.
    function writeOff(uint256 strikeId) internal {
        LibSettlement.Position memory p = LibSettlement.position(strikeId);
        _closeWithReserve(p, Closing.WriteOff, p.long ? 0 : type(uint256).max, 0);
    }

    function markDue(uint256[] calldata strikeIds) internal {
        for (uint256 i; i < strikeIds.length; ++i) {
            (Due reason, uint256 worth) = due(strikeIds[i]);
            if (reason != Due.TakeProfit && reason != Due.StopLoss) continue;
            LibStrike.makeDue(strikeIds[i]);
            emit ITakeover.StrikeDue(strikeIds[i], reason, msg.sender, worth);
        }
    }

    /// @return reason Whether the strike is due, or could be marked so, and why or why not.
    /// @return worth What its base is worth, by prices since its opening; 0 where they are not asked or not known.
    function due(uint256 strikeId) internal view returns (Due reason, uint256 worth) {
        if (!LibStrike.isOpen(LibFleet.core(), strikeId)) return (Due.NotOpen, 0);
        LibSettlement.Position memory p = LibSettlement.position(strikeId);
        if (block.timestamp >= LibSettlement.dueAt(p.record)) return (Due.Horizon, 0);
        RulesWord rules = LibMarket.rulesOf(p.record.market());
        if (block.timestamp - p.record.openedAt() < rules.exitWindow()) return (Due.NotYet, 0);
        worth = LibReference.since(
            p.record.market(), LibMarket.stateOf(p.record.market()), rules, p.record.baseAmount(), p.record.openedAt()
        );
        if (worth == 0) return (Due.OracleUnavailable, 0);
        bool rose = worth >= p.notional;
        uint256 moved = (rose ? worth - p.notional : p.notional - worth) * BPS;
        uint256 barrier = rose == p.long ? p.record.takeProfitBps() : p.record.stopLossBps();
        if (barrier == 0 || moved < barrier * p.notional) return (Due.NotYet, worth);
        return (rose == p.long ? Due.TakeProfit : Due.StopLoss, worth);
    }

    function _closeWithReserve(LibSettlement.Position memory p, Closing how, uint256 price, uint256 worth)
        private
        returns (int256 pnl)
    {
        LibSettlement.closeBooks(p);
        uint256 base;
        if (p.long) {
            base = p.record.baseAmount();
            LibTreasury.debitReserve(price);
            LibTreasury.creditInventory(LibMarket.baseOf(p.record.market()), base);
        } else {
            price = FixedPointMathLib.min(price, LibSettlement.SHORT_COVER * p.notional);
            LibTreasury.creditSurplus(price);
        }
        bool late = LibSettlement.isLate(p.record, LibMarket.rulesOf(p.record.market()));
        return LibSettlement.close(p, LibSettlement.Deal(how, base, price, worth, price, late));
    }

    /// @dev The books are closed before anything is called; all that writes them is guarded.
    function _exchange(LibSettlement.Position memory p, uint256 amountIn, uint256 amountOut) private {
        address quoteToken = LibTreasury.quote();
        address baseToken = LibMarket.baseOf(p.record.market());
        (address tokenIn, address tokenOut) = p.long ? (quoteToken, baseToken) : (baseToken, quoteToken);
        uint256 arrived = LibTreasury.pull(tokenIn, amountIn);
        if (arrived < amountIn) revert ISwapCallback.UnfaithfulToken(tokenIn, arrived, amountIn);
        if (!p.long) LibTreasury.creditInventory(baseToken, amountIn);
        LibTreasury.push(tokenOut, msg.sender, amountOut);
    }

    function _terms(LibSettlement.Position memory p) private view returns (Terms memory terms) {
        RulesWord rules = LibMarket.rulesOf(p.record.market());
        // While the sequencer was down nothing could be taken: the auction begins after its grace.
        (bool up, uint256 since) = LibMarket.uptime(p.record.market());
        terms.opensAt = FixedPointMathLib.max(LibSettlement.dueAt(p.record) + rules.keeperDelay(), since);
        terms.prices = _prices(p);
        uint256 best = up ? LibReference.bestOfAll(terms.prices, p.long) : 0;
        if (block.timestamp < terms.opensAt || best == 0) return terms;
        (terms.offBps, terms.isOver) = _off(LibMarket.allRulesOf(p.record.market()), block.timestamp - terms.opensAt);
        terms.base = p.record.baseAmount();
        if (p.long) {
            terms.quote = FixedPointMathLib.divUp(best * uint256(int256(uint256(BPS)) + terms.offBps), BPS);
            return terms;
        }
        terms.quote = best * uint256(int256(uint256(BPS)) - terms.offBps) / BPS;
        uint256 cover = LibSettlement.SHORT_COVER * p.notional;
        if (terms.quote > cover) {
            // Proceeds and margin are all there is: the taker gets them for as much base as they pay for.
            terms.base = FixedPointMathLib.fullMulDivUp(terms.base, cover, terms.quote);
            terms.quote = cover;
        }
    }

    /// @return offBps From the premium down to minus the discount, in `auctionSeconds`.
    /// @return isOver Whether those are over.
    function _off(MarketRules storage rules, uint256 elapsed) private view returns (int256 offBps, bool isOver) {
        uint256 length = rules.auctionSeconds;
        uint256 range = uint256(rules.premiumBps) + rules.discountBps;
        offBps = int256(uint256(rules.premiumBps)) - int256(FixedPointMathLib.min(elapsed, length) * range / length);
        isOver = elapsed > length;
    }

    function _prices(LibSettlement.Position memory p) private view returns (LibReference.Prices memory) {
        uint256 market = p.record.market();
        return LibReference.prices(market, LibMarket.stateOf(market), LibMarket.rulesOf(market), p.record.baseAmount());
    }
}
