// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AMMTokenStats, ArbitrageOrder, AttemptBin, TokenCap} from "../types/AmmTypes.sol";

/// @title AMM bots: atomic arbitrage
/// @notice A cycle of swaps that ends in the token that it started in, with a profit or not at all. Nothing is lent to
/// it: a pool pays its output first and is paid at the end, out of what the other pools delivered. Where no pool of the
/// cycle does that, which is where all are Balancer's, it starts with the AMM bots' own capital.
/// @dev Every state-changing function is nonReentrant. Those for the owner work while paused or halted.
interface IAMMBot {
    /// @notice The AMM bots were initialised.
    event AMMInitialized();
    /// @notice The maximum of a token that one arbitrage may put in changed. Raw units.
    event AMMCapSet(address indexed token, uint128 maxAmountIn);
    /// @notice Capital came to the AMM bots: quote from the reserve, any other token from the inventory. Raw units.
    event AMMFunded(address indexed token, uint256 amount);
    /// @notice Capital of the AMM bots went back to where `AMMFunded` says. Raw units.
    event AMMDefunded(address indexed token, uint256 amount);
    /// @notice An arbitrage was executed. Amounts in raw units of `tokenIn`; the operator's budget was charged with
    /// `amountIn` where that is the quote token.
    /// @param pools Pool ids, 32 bits each, the first hop's lowest.
    /// @custom:word pools uint32[] pools
    event ArbitrageExecuted(
        address indexed operator,
        address indexed tokenIn,
        uint256 amountIn,
        uint256 profit,
        uint16 modelId,
        uint16 confidenceBps,
        uint256 pools
    );
    /// @notice An attempt was counted: a hit, which `ArbitrageExecuted` stands before, or a miss, which `reason` says why.
    event ArbitrageScored(
        address indexed operator, uint16 indexed modelId, uint16 confidenceBps, bool hit, bytes reason
    );

    /// @notice The AMM bots are initialized already.
    /// @custom:group config
    /// @custom:remedy Change what they may do with `setAMMCap` and `registerPools`.
    error AMMAlreadyInitialized();
    /// @notice The order was valid until `deadline`, and the block's time is `timestamp`.
    /// @custom:group gate
    /// @custom:remedy Search again and send a new order.
    error OrderExpired(uint256 deadline, uint256 timestamp);
    /// @notice An arbitrage has 2 to 4 hops, not `hops`.
    /// @custom:group gate
    /// @custom:remedy Give a cycle of 2 to 4 pools.
    error InvalidHops(uint256 hops);
    /// @notice The cycle has a V4 pool of `manager` and one of another manager, and only one can be unlocked.
    /// @custom:group gate
    /// @custom:remedy Use V4 pools of one manager in a cycle.
    error SecondManager(address manager);
    /// @notice No pool of the cycle can be paid after its output, and the AMM bots have `capital` raw units of `token`,
    /// less than the `amountIn` that the cycle starts with.
    /// @custom:group gate
    /// @custom:remedy Lower the amount, or let the owner add capital with `fundAMM`.
    error InsufficientAMMCapital(address token, uint256 amountIn, uint256 capital);
    /// @notice `spender` left `left` raw units of `token` of an exact allowance unspent.
    /// @custom:group swap
    /// @custom:remedy Check the pool: it does not swap as its venue does, so unregister it.
    error ApprovalLeft(address token, address spender, uint256 left);
    /// @notice Pool `pool` announced `announced` raw units of output and delivered `delivered`.
    /// @custom:group swap
    /// @custom:remedy Check the pool: it does not swap as its venue does, so unregister it.
    error OutputMismatch(address pool, uint256 delivered, uint256 announced);
    /// @notice Pool `id` is in the cycle twice.
    /// @custom:group gate
    /// @custom:remedy Use a pool at most once in a cycle.
    error PoolRepeated(uint32 id);
    /// @notice Token `token` is in the cycle twice, so it is two cycles.
    /// @custom:group gate
    /// @custom:remedy Send the two cycles one after the other.
    error TokenRepeated(address token);
    /// @notice Pool `id` does not trade `token`, the output of the hop before it.
    /// @custom:group gate
    /// @custom:remedy Fix the order of the pools.
    error TokenNotInPool(uint32 id, address token);
    /// @notice The cycle starts in `tokenIn` and ends in `tokenOut`.
    /// @custom:group gate
    /// @custom:remedy Add the hop that leads back to the first token.
    error CycleNotClosed(address tokenIn, address tokenOut);
    /// @notice `amountIn` raw units of `token` exceed the cap of `cap` for one arbitrage (0: none may start in it).
    /// @custom:group gate
    /// @custom:remedy Lower the amount, or let the owner raise the cap with `setAMMCap`.
    error AMMCapExceeded(address token, uint256 amountIn, uint256 cap);
    /// @notice With `amountIn` raw units in, the measured profit is `profit`, and the minimum is `minProfit` (0 means
    /// 1).
    /// @custom:group gate
    /// @custom:remedy Search again: the opportunity is gone or was taken.
    error NotProfitable(uint256 amountIn, int256 profit, uint256 minProfit);
    /// @notice The balance of `token` is `measured` raw units, and by the swaps it should be `stated`: tokens came or
    /// went during the cycle.
    /// @custom:group swap
    /// @custom:remedy Check the pools and the token of the cycle, and unregister the one that moves tokens on its own.
    error ProfitMismatch(address token, uint256 measured, uint256 stated);
    /// @notice Simulation result of `quoteArbitrage`: `amountIn` raw units in leave a profit of `profit`. It always
    /// reverts, and `quoteArbitrage` decodes it.
    /// @custom:group gate
    /// @custom:remedy Call `quoteArbitrage` instead of its inner call.
    error ArbitrageQuoted(uint256 amountIn, uint256 profit);
    /// @notice The trial of `quoteArbitrage` failed with `reason`; comes out of it only where the trial ran out of gas.
    /// @custom:group swap
    /// @custom:remedy Call it with more gas.
    error ArbitrageFailed(bytes reason);
    /// @notice Caller `caller` is not the diamond, whose own calls alone this function is for.
    /// @custom:group access
    /// @custom:remedy Call `quoteArbitrage`.
    error NotTheDiamond(address caller);

    /// @notice Says in which tokens arbitrages may start, once. Owner only, after `initializeStrikeBots`.
    /// @param caps The tokens, and the maximum amount in of each, raw units.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function initializeAMMBots(TokenCap[] calldata caps) external;

    /// @notice Sets what one arbitrage may put in of a token. Owner only. 0 forbids it. The quote token must be known.
    /// @param token The token that arbitrages start in.
    /// @param maxAmountIn Raw units.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function setAMMCap(address token, uint128 maxAmountIn) external;

    /// @notice Moves quote from the reserve, or another token from the inventory, to the AMM bots. Owner only.
    /// @param token Quote or base token.
    /// @param amount Raw units.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function fundAMM(address token, uint256 amount) external;

    /// @notice Moves the AMM bots' capital, profit included, back to the reserve or the inventory. Owner only.
    /// @param token Quote or base token.
    /// @param amount Raw units.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function defundAMM(address token, uint256 amount) external;

    /// @notice Executes an arbitrage, or changes nothing. Operators only; refused while paused or halted.
    /// @dev Gates in order: paused, halted, operator, deadline, confidence, pools and cycle, cap of the token, budget
    /// (where the token is the quote token, in book units, rounded up), profit. What every hop delivered is measured where
    /// it arrives and must be what its pool says, so that nothing given in mid-flight passes for profit.
    /// With `resize` the amount is the best by the pools' reserves at their prices now, up to the order's amount, the
    /// token's cap and, where it starts with capital, that: exact for V2, and for V3 as long as no tick with liquidity
    /// is crossed.
    /// @param order Pools, amounts, confidence and model.
    /// @return amountIn What the first hop took, raw units.
    /// @return profit Raw units of the token it starts in, measured, booked to the AMM bots' capital.
    /// @custom:reentrancy guarded
    /// @custom:pause refused while paused or halted
    function executeArbitrage(ArbitrageOrder calldata order) external returns (uint256 amountIn, uint256 profit);

    /// @notice As `executeArbitrage`, but that a failure of the arbitrage itself is counted instead of reverted with: the
    /// order is scored under its model and confidence, hit or miss. Operators only; refused while paused or halted.
    /// @dev Refused, and not scored, by the gates that no pool decides: paused, halted, operator, deadline, confidence.
    /// Everything behind them is a miss.
    /// @param order As of `executeArbitrage`.
    /// @return hit Whether it was executed.
    /// @return amountIn What the first hop took, raw units; 0 for a miss.
    /// @return profit Raw units of the token it starts in; 0 for a miss.
    /// @custom:reentrancy the attempt is a guarded call of its own
    /// @custom:pause refused while paused or halted
    function attemptArbitrage(ArbitrageOrder calldata order)
        external
        returns (bool hit, uint256 amountIn, uint256 profit);

    /// @notice How a model's attempts came out, in confidence bins of 100 basis points from 9300.
    /// @param modelId The model.
    /// @return bins Seven, from 9300 up.
    function getArbitrageCalibration(uint16 modelId) external view returns (AttemptBin[7] memory bins);

    /// @notice What `executeArbitrage` would return now. For `eth_call`: simulates the swaps and rolls them back;
    /// nothing remains if it is sent. Anyone. No role, deadline, confidence, cap, budget or minimum profit is checked,
    /// but that `resize` stays within the cap; swaps that fail, fail here with the same error.
    /// @param order As of `executeArbitrage`.
    /// @return amountIn What the first hop would take, raw units: `order.amountIn`, or less with `resize`.
    /// @return profit Raw units; zero or less where executing would be refused.
    /// @custom:reentrancy the trial is a guarded call of its own, and undone
    /// @custom:pause works while paused
    function quoteArbitrage(ArbitrageOrder calldata order) external returns (uint256 amountIn, int256 profit);

    /// @notice The simulation behind `quoteArbitrage`: executes the swaps, without its gates. The diamond itself only, which
    /// rolls it back.
    /// @param order As of `executeArbitrage`.
    /// @return amountIn What the first hop took, raw units.
    /// @return profit Raw units of the token it starts in, measured.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function tryArbitrage(ArbitrageOrder calldata order) external returns (uint256 amountIn, uint256 profit);

    /// @notice Score and capital in each token that has, or had, a cap or capital.
    /// @return One entry a token, amounts in its raw units.
    function getAMMStats() external view returns (AMMTokenStats[] memory);
}
