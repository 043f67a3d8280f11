// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFleet} from "../../interfaces/IFleet.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {LotsWord} from "../../types/LotsWord.sol";
import {
    BOTS,
    BOTS_PER_STRATEGY,
    BotView,
    FleetMarks,
    STRIKE_SLOTS,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    StrikeStats,
    StrikeStatus,
    StrikeView
} from "../../types/StrikeTypes.sol";
import {StrategyWord} from "../../types/StrategyWord.sol";
import {StrikeWord} from "../../types/StrikeWord.sol";
import {LibBooks} from "./LibBooks.sol";
import {LibFleet} from "./LibFleet.sol";
import {LibScore} from "./LibScore.sol";
import {LibStrike} from "../strike/LibStrike.sol";

/// @title What view functions return, in raw quote units
library LibStats {
    function totals() internal view returns (StrikeStats memory stats) {
        CoreWord core = LibFleet.core();
        FleetMarks memory marks = LibFleet.marks();
        uint256 unit = core.unit();
        for (uint256 s; s <= uint256(type(Signal).max); ++s) {
            SignalStats memory part = LibScore.signalStats(Signal(s));
            stats.settled += part.settled;
            stats.wins += part.wins;
            stats.profit += part.profit * unit;
            stats.loss += part.loss * unit;
        }
        stats.open = LibBooks.openCount(core);
        stats.opened = stats.settled + stats.open;
        stats.losses = stats.settled - stats.wins;
        stats.pnl = int256(stats.profit) - int256(stats.loss);
        stats.best = int256(uint256(marks.best) * unit);
        stats.worst = -int256(uint256(marks.worst) * unit);
        stats.equity = LibFleet.totalEquity() * unit;
        stats.highWater = core.highWater() * unit;
        stats.recentWins = core.recentWins();
        stats.halted = core.isHalted();
    }

    function bySignal(Signal signal) internal view returns (SignalStats memory stats) {
        uint256 unit = LibFleet.core().unit();
        stats = LibScore.signalStats(signal);
        stats.profit *= unit;
        stats.loss *= unit;
    }

    function byStrategy(Strategy strategy) internal view returns (StrategyStats memory stats) {
        StrategyWord word = LibFleet.strategyWord(uint256(strategy));
        uint256 unit = LibFleet.core().unit();
        uint256 equity = word.total();
        stats.settled = word.settled();
        stats.wins = word.wins();
        stats.equity = equity * unit;
        stats.pnl = (int256(equity) - LibFleet.fundedOf(uint256(strategy))) * int256(unit);
    }

    function bot(uint256 id) internal view returns (BotView memory) {
        if (id >= BOTS) revert IFleet.UnknownBot(id);
        CoreWord core = LibFleet.core();
        return _bot(id, core, LibBooks.lockedLots(core));
    }

    function bots() internal view returns (BotView[25] memory views) {
        CoreWord core = LibFleet.core();
        uint256[25] memory locked = LibBooks.lockedLots(core);
        for (uint256 id; id < BOTS; ++id) {
            views[id] = _bot(id, core, locked);
        }
    }

    function strike(uint256 strikeId) internal view returns (StrikeView memory v) {
        (StrikeWord record, LotsWord weights) = LibStrike.slotAt(strikeId % STRIKE_SLOTS);
        if (strikeId == 0 || record.id() != strikeId) return v;
        CoreWord core = LibFleet.core();
        bool open = core.isOpen(strikeId);
        v.status = open ? StrikeStatus.Open : StrikeStatus.Settled;
        v.signal = weights.signal();
        v.record = record.unpack();
        if (open) v.notional = weights.total() * core.lotValue();
        for (uint256 id; id < BOTS; ++id) {
            v.lots[id] = weights.lotsOf(id);
        }
    }

    function openStrikes() internal view returns (uint256[] memory strikeIds) {
        CoreWord core = LibFleet.core();
        strikeIds = new uint256[](LibBooks.openCount(core));
        uint256 found;
        for (uint256 slot; slot < STRIKE_SLOTS; ++slot) {
            if (!core.isOpen(slot)) continue;
            (StrikeWord record,) = LibStrike.slotAt(slot);
            strikeIds[found++] = record.id();
        }
    }

    function _bot(uint256 id, CoreWord core, uint256[25] memory locked) private view returns (BotView memory) {
        return BotView({
            strategy: Strategy(id / BOTS_PER_STRATEGY),
            config: LibFleet.configOf(id),
            equity: LibFleet.equityOf(id) * core.unit(),
            locked: locked[id] * core.lotValue()
        });
    }
}
