// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Due, Prediction, StrikeOrder, StrikeView} from "../types/StrikeTypes.sol";

/// @title Strikes
/// @notice A strike is one engine-signed prediction, opened as one swap for every bot that takes part, and settled as
/// one swap
/// back. What it won or lost is measured from balances and split over the bots by their weights.
interface IStrikeBot {
    /// @notice A strike opened, as measured. Its two words are the stored ones, since a strike pays for each word here.
    /// @param nonce The prediction's.
    /// @param record `StrikeRecord`, first field lowest. Its `baseAmount` is raw base: received by a long, sold by a
    /// short.
    /// @param weights Each bot's lots, bot 0 lowest, and the signal.
    /// @param notional Raw quote: spent by a long, received by a short.
    /// @custom:word record StrikeRecord record
    /// @custom:word weights uint10[25] lots, Signal signal
    event StrikeOpened(
        uint256 indexed strikeId,
        address indexed engine,
        address indexed operator,
        uint64 nonce,
        uint256 record,
        uint256 weights,
        uint256 notional
    );
    /// @notice A strike settled.
    /// @param baseAmount Raw base, measured: sold by a long, bought back by a short.
    /// @param quoteAmount Raw quote: received by a long, spent by a short to buy back.
    /// @param pnl Raw quote, after pool fees. The bots' shares follow from the opening weights, rounded down; the rest
    /// went to the reserve.
    event StrikeSettled(
        uint256 indexed strikeId, address indexed by, uint256 baseAmount, uint256 quoteAmount, int256 pnl
    );
    /// @notice The owner closed a strike without a swap. Its bots lost the whole notional to the reserve; a long's base
    /// went to the inventory.
    event StrikeWrittenOff(uint256 indexed strikeId, uint256 notional);
    /// @notice A strike of a batch, or a settlement, was skipped; nothing of it remains.
    /// @param index Its place in the batch.
    /// @param reason The revert data.
    event Skipped(uint256 indexed index, bytes reason);
    /// @notice A breaker stopped new strikes. `reason` is "drawdown" or "winrate"; amounts are raw quote.
    /// @custom:text reason
    event Halted(bytes32 indexed reason, uint256 equity, uint256 highWater, uint256 recentWins);

    /// @notice A breaker (drawdown or win rate) has halted new strikes.
    /// @custom:group gate
    /// @custom:remedy Let the owner look into it, then call `resume`.
    error FleetHalted();
    /// @notice The prediction is valid from `validFrom`, and the block's time is `timestamp`.
    /// @custom:group gate
    /// @custom:remedy Send it later.
    error PredictionNotYetValid(uint256 validFrom, uint256 timestamp);
    /// @notice The prediction was valid until `validUntil`, and the block's time is `timestamp`.
    /// @custom:group gate
    /// @custom:remedy Get a new prediction.
    error PredictionExpired(uint256 validUntil, uint256 timestamp);
    /// @notice No strike can have a horizon of `horizon` s, a take-profit of `takeProfitBps` bps and a stop-loss of
    /// `stopLossBps` bps.
    /// @custom:group gate
    /// @custom:remedy Use a horizon that is not 0 and a stop-loss under 10000 bps.
    error InvalidBarriers(uint256 horizon, uint256 takeProfitBps, uint256 stopLossBps);
    /// @notice No bot takes part: all are off, outside the strategies, above this confidence, or without a free lot.
    /// @custom:group gate
    /// @custom:remedy Check the prediction's strategies and the bots' settings and capital.
    error NoParticipants();
    /// @notice All 64 strike slots are open.
    /// @custom:group gate
    /// @custom:remedy Settle some strikes.
    error TooManyOpenStrikes();
    /// @notice The base amount of `baseAmount` raw units exceeds 96 bits.
    /// @custom:group gate
    /// @custom:remedy Trade less.
    error BaseAmountOverflow(uint256 baseAmount);
    /// @notice Strike `strikeId` is not due, and until then only operators and the owner may settle it.
    /// @custom:group access
    /// @custom:remedy Wait for a barrier, or send it as an operator.
    error StrikeNotDue(uint256 strikeId);
    /// @notice The batch has `strikes` strikes and `limits` limits.
    /// @custom:remedy Give each strike its own limit.
    error LengthMismatch(uint256 strikes, uint256 limits);
    /// @notice Strike `strikeId` does not exist, or was settled.
    /// @custom:remedy See `getOpenStrikes` for the open ones.
    error StrikeNotOpen(uint256 strikeId);

    /// @notice Opens a strike. Operators only; nonReentrant; refused while paused or halted.
    /// @dev Gates in order: paused, halted, operator, signature, validity, nonce, confidence, market, side, cooldown,
    /// participants, caps, budget, oracle, minimum output. The budget is charged when the notional is known.
    /// @param prediction What the engine signed.
    /// @param signature 65-byte ECDSA over the EIP-712 digest, or what the ERC-1271 engine expects.
    /// @param limitAmount Long: least base to receive. Short: most base to sell. Raw units.
    /// @return strikeId Its id.
    function executeStrike(Prediction calldata prediction, bytes calldata signature, uint256 limitAmount)
        external
        returns (uint256 strikeId);

    /// @notice Opens several strikes. As `executeStrike`, once for each order, in order.
    /// @param skip False: one failure fails all. True: what fails leaves nothing behind but a `Skipped` event.
    /// @return strikeIds Their ids; 0 for a skipped one.
    function executeStrikes(StrikeOrder[] calldata orders, bool skip) external returns (uint256[] memory strikeIds);

    /// @notice Settles an open strike. nonReentrant; works while paused or halted. The owner and operators at any time;
    /// anyone when it is due. Except by the owner, only at a price within the market's deviation of the oracle's, so
    /// that
    /// a stolen operator key cannot sell cheap.
    /// @dev HAZARD: a strike on which the oracle or the pool fails can be settled by the owner alone, or written off. An
    /// owner that is an operator too is bounded as one: it has to revoke its own grant first.
    /// @param strikeId The strike.
    /// @param limitAmount Long: least quote to receive. Short: most quote to spend. Raw units.
    /// @return pnl Raw quote units after pool fees.
    function settleStrike(uint256 strikeId, uint256 limitAmount) external returns (int256 pnl);

    /// @notice Settles several strikes. As `settleStrike`, once for each, in order.
    /// @param skip As in `executeStrikes`.
    /// @return pnls What each gave; 0 for a skipped one.
    function settleStrikes(uint256[] calldata strikeIds, uint256[] calldata limitAmounts, bool skip)
        external
        returns (int256[] memory pnls);

    /// @notice Closes a strike without a swap, as a loss of its whole notional. Owner only; for a pool or token that no
    /// longer works. nonReentrant; works while paused or halted.
    /// @dev The reserve takes what the bots lose: of a short the proceeds and the margin. It can only spoil the score.
    function writeOffStrike(uint256 strikeId) external;

    /// @notice Whether anyone may settle the strike now, and why or why not.
    function canSettle(uint256 strikeId) external view returns (bool due, Due reason);

    /// @notice A strike: open, or settled as long as its slot was not used again (its result is in the events).
    function getStrike(uint256 strikeId) external view returns (StrikeView memory);

    /// @notice The ids of the open strikes.
    function getOpenStrikes() external view returns (uint256[] memory strikeIds);

    /// @notice The EIP-712 digest that the engine signs for a prediction on this chain and this diamond.
    function hashPrediction(Prediction calldata prediction) external view returns (bytes32);
}
