// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The fleet: 5 strategies of 5 bots. Bot `i` belongs to strategy `i / 5`.
uint256 constant STRATEGIES = 5;
uint256 constant BOTS_PER_STRATEGY = 5;
uint256 constant BOTS = 25;

/// @dev Strikes that can be open at once: one bit each in the fleet's core word.
uint256 constant STRIKE_SLOTS = 64;

/// @dev Models that the owner can register, revoked ones too: the score sums over them.
uint256 constant MAX_MODELS = 256;

/// @dev A bot's holdings are counted in lots of 10 bits, so that one strike's 25 weights fit one word.
uint256 constant MAX_LOTS = 1023;

/// @notice Direction and strength of a prediction.
enum Signal {
    StrongLong,
    Long,
    Short,
    StrongShort
}

/// @notice What a group of five bots does. Bot `i` belongs to strategy `i / 5`.
enum Strategy {
    MarketMaking,
    Arbitrage,
    Momentum,
    MeanReversion,
    Volatility
}

/// @notice Where a strike is in its life.
enum StrikeStatus {
    None,
    Open,
    Settled
}

/// @notice Whether a strike is due, and why. `Horizon`: its time is over, or it was marked as due.
enum Due {
    NotOpen,
    NotYet,
    TakeProfit,
    StopLoss,
    Horizon,
    OracleUnavailable
}

/// @notice How a strike was closed: by a swap; by a taker who took over its position; without a trade, by the owner, at
/// the oracle's price or at a price of nothing.
enum Closing {
    Swap,
    Takeover,
    Oracle,
    WriteOff
}

/// @notice One strike of a batch, as the arguments of `executeStrike`.
struct StrikeOrder {
    Prediction prediction;
    bytes signature;
    uint256 limitAmount;
}

/// @notice What an engine signs (EIP-712, primary type `Prediction`).
/// @custom:eip712 MacroStrike 1
/// @param engine The signer: an EOA (ECDSA) or a contract (ERC-1271).
/// @param nonce Used once by each engine.
/// @param market Market id.
/// @param signal Direction and strength.
/// @param confidenceBps Probability of a net profit at the barriers, in basis points, at most 10000.
/// @param strategies Bit s set: strategy s may take part.
/// @param modelId The engine's model, for calibration.
/// @param validFrom First Unix second at which it may be executed.
/// @param validUntil Last Unix second at which it may be executed.
/// @param horizon Seconds after opening at which the strike is due whatever the price.
/// @param takeProfitBps Favourable price move at which it is due, in basis points of the entry price; 0 = none.
/// @param stopLossBps Adverse price move at which it is due, in basis points of the entry price; not 0.
struct Prediction {
    address engine;
    uint64 nonce;
    uint8 market;
    Signal signal;
    uint16 confidenceBps;
    uint8 strategies;
    uint16 modelId;
    uint40 validFrom;
    uint40 validUntil;
    uint24 horizon;
    uint16 takeProfitBps;
    uint16 stopLossBps;
}

/// @notice How one bot trades.
/// @param riskBps Share of its free equity that it puts into a full-strength strike, in basis points, at most 10000.
/// @param minConfidenceBps Its own minimum, 9300 to 10000.
/// @param longs Whether it takes Long and StrongLong.
/// @param shorts Whether it takes Short and StrongShort.
/// @param active On or off.
struct BotConfig {
    uint16 riskBps;
    uint16 minConfidenceBps;
    bool longs;
    bool shorts;
    bool active;
}

/// @notice One bot as view functions return it. Amounts are raw quote units.
struct BotView {
    Strategy strategy;
    BotConfig config;
    uint256 equity;
    uint256 locked;
}

/// @notice The fleet's settings at initialisation.
/// @param quote The ERC-20 in which capital, P&L and limits are counted.
/// @param unitExponent A book unit is 10^unitExponent raw quote units (0 for USDC; 10 for an 18-decimal token, say), so
/// that a bot's equity fits 42 bits.
/// @param lot Book units in one lot, the step of every allocation.
/// @param bots The 25 bots, strategy by strategy.
struct FleetConfig {
    address quote;
    uint8 unitExponent;
    uint32 lot;
    BotConfig[25] bots;
}

/// @notice An open strike's record. One storage word; its weights are a second one.
/// @param id Strike id; the slot is `id % 64`.
/// @param baseAmount Raw base units: received by a long, sold by a short.
/// @param openedAt Unix second.
/// @param horizon Seconds from the opening to when it is due. Marking it as due shortens it.
struct StrikeRecord {
    uint32 id;
    uint96 baseAmount;
    uint32 openedAt;
    uint24 horizon;
    uint16 takeProfitBps;
    uint16 stopLossBps;
    uint16 confidenceBps;
    uint8 market;
    uint16 modelId;
}

/// @notice A strike as view functions return it. Amounts are raw units.
/// @param notional Quote put in by a long, or received (and matched by an equal margin) by a short; 0 once settled.
/// @param lots Each bot's weight, in lots.
struct StrikeView {
    StrikeStatus status;
    Signal signal;
    StrikeRecord record;
    uint256 notional;
    uint256[25] lots;
}

/// @notice The score in totals, rebuilt by anyone from `StrikeSettled` events. Amounts in raw quote units.
/// @param best Greatest P&L of one strike; 0 until one has won.
/// @param worst Smallest P&L of one strike; 0 until one has lost.
struct StrikeStats {
    uint256 opened;
    uint256 open;
    uint256 settled;
    uint256 wins;
    uint256 losses;
    uint256 profit;
    uint256 loss;
    int256 pnl;
    int256 best;
    int256 worst;
    uint256 equity;
    uint256 highWater;
    uint256 recentWins;
    bool halted;
}

/// @notice Score of one signal. Amounts in raw quote units.
struct SignalStats {
    uint256 settled;
    uint256 wins;
    uint256 profit;
    uint256 loss;
}

/// @notice Score of one strategy. Amounts in raw quote units.
/// @param settled Settled strikes in which it took part.
/// @param pnl What trading added to or took from its bots since they were funded.
struct StrategyStats {
    uint256 settled;
    uint256 wins;
    int256 pnl;
    uint256 equity;
}

/// @notice One confidence bin of a model.
/// @param settled Predictions settled in the bin.
/// @param brierSum Sum over them of (confidence - outcome)^2, in units of 1e-6.
/// @param factorBps The calibration factor that sizes the bin's next strike, by signal, in basis points: at most that of the
/// whole model.
struct CalibrationBin {
    uint256 settled;
    uint256 wins;
    uint256 brierSum;
    uint256[4] factorBps;
}

/// @dev Bits of the fleet's status. See CoreWord.
uint8 constant STATUS_PAUSED = 1;
uint8 constant STATUS_HALTED = 2;
uint8 constant STATUS_TAKEOVERS_STOPPED = 4;

/// @notice The best and the worst P&L of one strike (the latter as a positive number), in book units. One
/// storage word: 64 + 64 = 128 bits.
struct FleetMarks {
    uint64 best;
    uint64 worst;
}

/// @notice The score of one model, signal and confidence bin. One storage word: 24 + 24 + 48 + 80 + 80 = 256 bits;
/// profit and loss in book units.
struct ScoreCell {
    uint24 settled;
    uint24 wins;
    uint48 brierSum;
    uint80 profit;
    uint80 loss;
}

/// @notice A model: whose it is, and its record over all signals and bins. One storage word:
/// 160 + 40 + 40 + 8 = 248 bits.
/// @param engine The engine that may predict by it; zero while it is revoked. Its record stays with its id.
/// @param known Whether it was ever registered.
struct ModelRecord {
    address engine;
    uint40 settled;
    uint40 wins;
    bool known;
}

/// @notice A model as view functions return it.
/// @param engine The engine that may predict by it; zero: none may.
/// @param settled Predictions settled, over all signals and bins.
/// @param factorBps The maximum that any of its strikes is sized at, in basis points of full size.
struct ModelView {
    uint16 modelId;
    address engine;
    uint256 settled;
    uint256 wins;
    uint256 factorBps;
}
