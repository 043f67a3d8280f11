// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Closing, Prediction, Signal, StrikeOrder} from "../types/StrikeTypes.sol";

/// @title Strikes
/// @notice A strike is one engine-signed prediction, opened as one swap for every bot that takes part, and settled as
/// one swap back. What it won or lost is measured from balances and split over the bots by their weights.
interface IStrikeBot {
    /// @notice A strike opened: what the engine said, and what was measured.
    /// @param nonce The prediction's.
    /// @param baseAmount Raw base, measured: received by a long, sold by a short.
    /// @param notional Raw quote, measured: spent by a long, received by a short.
    /// @param weights Each bot's lots, bot 0 lowest; `decodeWeights` tells them apart.
    /// @custom:word weights uint10[25] lots
    event StrikeOpened(
        uint256 indexed strikeId,
        address indexed engine,
        address indexed operator,
        uint64 nonce,
        uint8 market,
        Signal signal,
        uint16 confidenceBps,
        uint16 modelId,
        uint24 horizon,
        uint16 takeProfitBps,
        uint16 stopLossBps,
        uint256 baseAmount,
        uint256 notional,
        uint256 weights
    );
    /// @notice A strike was closed. By a swap or a taker, amounts are measured; else the reserve was the other side.
    /// @param how Swap, takeover, or without a trade: at the oracle's price, or written off as a loss of its notional.
    /// @param baseAmount Raw base: sold by a long, bought back by a short. Without a trade: what a long moved to the
    /// inventory.
    /// @param quoteAmount Raw quote: received by a long, spent by a short. Without a trade: from the reserve, or to it.
    /// @param pnl Raw quote, after pool fees, as counted: at most what the reference prices allow. The bots' shares
    /// follow from the opening weights, rounded down; the rest went to the reserve.
    /// @param won Whether it counts as won: a profit, by a price that agrees, in time.
    event StrikeSettled(
        uint256 indexed strikeId,
        address indexed by,
        uint8 indexed market,
        Signal signal,
        uint16 modelId,
        uint16 confidenceBps,
        Closing how,
        uint256 baseAmount,
        uint256 quoteAmount,
        int256 pnl,
        bool won
    );
    /// @notice A strike of a batch was skipped; nothing of it remains. Only for operators and the owner.
    /// @param index Its place in the batch.
    /// @param nonce The prediction's.
    /// @param reason The revert data.
    event Skipped(uint256 indexed index, address indexed engine, uint64 indexed nonce, bytes reason);
    /// @notice A settlement of a batch was skipped; nothing of it remains. As `Skipped`.
    event SettlementSkipped(uint256 indexed index, uint256 indexed strikeId, bytes reason);
    /// @notice A breaker stopped new strikes. `reason` is "drawdown", "winrate", or "marked" for a drawdown with open
    /// strikes at the reference prices; amounts are raw quote.
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
    /// @notice The horizon is `horizon` s, and the market allows 1 to `max` s.
    /// @custom:group gate
    /// @custom:remedy Let the engine predict for a shorter time, or the owner raise the market's maximum.
    error InvalidHorizon(uint256 horizon, uint256 max);
    /// @notice The stop-loss is `stopLossBps` bps, and the market allows 1 to `max` bps.
    /// @custom:group gate
    /// @custom:remedy Every strike needs a stop-loss within the market's maximum.
    error InvalidStopLoss(uint256 stopLossBps, uint256 max);
    /// @notice At a confidence of `confidenceBps` bps, a take-profit of `takeProfitBps` bps and a stop-loss of
    /// `stopLossBps` bps the prediction loses by its own claim.
    /// @custom:group gate
    /// @custom:remedy Confidence x take-profit must exceed (10000 - confidence) x stop-loss.
    error NegativeExpectation(uint256 confidenceBps, uint256 takeProfitBps, uint256 stopLossBps);
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
    /// @notice The batch's numbers of strikes and limits differ: `strikes` and `limits`.
    /// @custom:remedy Give each strike its own limit.
    error LengthMismatch(uint256 strikes, uint256 limits);
    /// @notice Strike `strikeId` does not exist, or was settled.
    /// @custom:remedy See `getOpenStrikes` for the open ones.
    error StrikeNotOpen(uint256 strikeId);

    /// @notice Opens a strike. Operators only; nonReentrant; refused while paused or halted.
    /// @dev Gates in order: paused, halted, operator, signature, validity, nonce, confidence, market, side, cooldown,
    /// barriers, participants, caps, budget, oracle, minimum output. The budget is charged when the notional is known.
    /// @param prediction What the engine signed.
    /// @param signature 65-byte ECDSA over the EIP-712 digest, or what the ERC-1271 engine expects.
    /// @param limitAmount Long: minimum base to receive. Short: maximum base to sell. Raw units.
    /// @return strikeId Its id.
    /// @custom:reentrancy guarded
    /// @custom:pause refused while paused or halted
    function executeStrike(Prediction calldata prediction, bytes calldata signature, uint256 limitAmount)
        external
        returns (uint256 strikeId);

    /// @notice Opens several strikes. As `executeStrike`, once for each order, in order.
    /// @param orders Predictions with their signatures and limits.
    /// @param skip False: one failure fails all. True: what fails leaves nothing behind but a `Skipped` event; for who is
    /// neither operator nor owner it fails all the same.
    /// @return strikeIds Their ids; 0 for a skipped one.
    /// @custom:reentrancy each part is a guarded call of its own
    /// @custom:pause refused while paused or halted
    function executeStrikes(StrikeOrder[] calldata orders, bool skip) external returns (uint256[] memory strikeIds);

    /// @notice Settles an open strike by a swap, at any time. Operators and the owner; nonReentrant; works while paused
    /// or halted. By operators only at a price within the market's exit deviation of its exit price, so that a stolen
    /// key cannot sell cheap; by the owner at any price, also where he is an operator.
    /// @dev HAZARD: a strike whose oracle or pool fails can be closed by the owner alone.
    /// @param strikeId The strike.
    /// @param limitAmount Long: minimum quote to receive. Short: maximum quote to spend. Raw units.
    /// @return pnl Raw quote units after pool fees, as counted.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function settleStrike(uint256 strikeId, uint256 limitAmount) external returns (int256 pnl);

    /// @notice Settles several strikes. As `settleStrike`, once for each, in order.
    /// @param strikeIds The strikes.
    /// @param limitAmounts One for each, as of `settleStrike`. Raw units.
    /// @param skip As in `executeStrikes`.
    /// @return pnls What each gave; 0 for a skipped one.
    /// @custom:reentrancy each part is a guarded call of its own
    /// @custom:pause works while paused
    function settleStrikes(uint256[] calldata strikeIds, uint256[] calldata limitAmounts, bool skip)
        external
        returns (int256[] memory pnls);

    /// @notice Settles one strike and opens the next: as `settleStrike`, then `executeStrike`, which sees the freed lots,
    /// slot and caps, the new calibration, and a halt that the settlement tripped. Each part is guarded.
    /// @param strikeId The strike to settle.
    /// @param limitAmount As of `settleStrike`.
    /// @param order The strike to open.
    /// @param openMayFail False: where the opening fails, all of it is undone. True: the settlement stands, and the opening
    /// leaves nothing behind but a `Skipped` event of index 0.
    /// @return pnl Raw quote units after pool fees, as counted.
    /// @return nextId The new strike's id; 0 where it was skipped.
    /// @custom:reentrancy each part is a guarded call of its own
    /// @custom:pause settles while paused or halted, and opens nothing then
    function roll(uint256 strikeId, uint256 limitAmount, StrikeOrder calldata order, bool openMayFail)
        external
        returns (int256 pnl, uint256 nextId);

    /// @notice Settles several strikes and opens several: as `settleStrikes`, then `executeStrikes`.
    /// @param strikeIds The strikes to settle.
    /// @param limitAmounts As of `settleStrikes`.
    /// @param orders The strikes to open.
    /// @param skip As in `executeStrikes`, of both parts.
    /// @return pnls As of `settleStrikes`.
    /// @return nextIds As of `executeStrikes`.
    /// @custom:reentrancy each part is a guarded call of its own
    /// @custom:pause settles while paused or halted, and opens nothing then
    function rollStrikes(
        uint256[] calldata strikeIds,
        uint256[] calldata limitAmounts,
        StrikeOrder[] calldata orders,
        bool skip
    ) external returns (int256[] memory pnls, uint256[] memory nextIds);

    /// @notice The EIP-712 digest that the engine signs for a prediction on this chain and this diamond.
    /// @param prediction The prediction.
    /// @return The digest.
    function hashPrediction(Prediction calldata prediction) external view returns (bytes32);
}
