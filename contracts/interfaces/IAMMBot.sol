// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AMMTokenStats, ArbitrageOrder, TokenCap} from "../types/AmmTypes.sol";

/// @title AMM bots: atomic arbitrage
/// @notice A cycle of swaps that ends in the token that it started in, with a profit or not at all. Nothing is lent to
/// it: a pool gives its output first and is paid at the end, out of what the other pools gave. Where no pool of the
/// cycle does that, which is where all are Balancer's, it starts with the AMM bots' own capital.
/// @dev Every state-changing function is nonReentrant. Those for the owner work while paused or halted.
interface IAMMBot {
    /// @notice The AMM bots were initialised.
    event AMMInitialized();
    /// @notice The most of a token that one arbitrage may put in changed. Raw units.
    event AMMCapSet(address indexed token, uint128 maxAmountIn);
    /// @notice Capital came to the AMM bots: quote from the reserve, any other token from the inventory. Raw units.
    event AMMFunded(address indexed token, uint256 amount);
    /// @notice Capital of the AMM bots went back to where `AMMFunded` says. Raw units.
    event AMMDefunded(address indexed token, uint256 amount);
    /// @notice An arbitrage was executed. Amounts in raw units of `tokenIn`; the operator's budget was charged with
    /// `amountIn` where that is the quote token.
    /// @param pools Pool ids, 32 bits each, the first hop's lowest.
    event ArbitrageExecuted(
        address indexed operator, address indexed tokenIn, uint256 amountIn, uint256 profit, uint256 pools
    );

    /// @notice The AMM bots are initialised already.
    error AMMAlreadyInitialized();
    /// @notice The order's last second has passed.
    error OrderExpired(uint256 deadline, uint256 timestamp);
    /// @notice An arbitrage has 2 to 4 hops.
    error InvalidHops(uint256 hops);
    /// @notice The cycle has V4 pools of two managers; only one can be unlocked.
    error SecondManager(address manager);
    /// @notice No pool of the cycle gives first, and the AMM bots' capital of the token is not enough. Raw units.
    error InsufficientAMMCapital(address token, uint256 amountIn, uint256 capital);
    /// @notice The vault took less than it was given leave for. Raw units.
    error ApprovalLeft(address token, address spender, uint256 left);
    /// @notice The pool gave another amount than it had told. Raw units.
    error OutputMismatch(address pool, uint256 gave, uint256 told);
    /// @notice A pool is in the cycle twice.
    error PoolRepeated(uint32 id);
    /// @notice A token is in the cycle twice, so that it is two cycles.
    error TokenRepeated(address token);
    /// @notice The hop before gives a token that the pool does not trade.
    error TokenNotInPool(uint32 id, address token);
    /// @notice The cycle ends in another token than it started in.
    error CycleNotClosed(address tokenIn, address tokenOut);
    /// @notice More than one arbitrage may put in of the token; 0: none may start in it. Raw units.
    error AMMCapExceeded(address token, uint256 amountIn, uint256 cap);
    /// @notice The cycle leaves less than it must. Raw units of the token it starts in; `profit` was measured, before
    /// anything was paid.
    error NotProfitable(uint256 amountIn, int256 profit, uint256 minProfit);
    /// @notice The balance moved otherwise than the swaps say: something was given or taken in mid-flight.
    error ProfitMismatch(address token, uint256 measured, uint256 stated);
    /// @notice What `quoteArbitrage` undoes its trial with; never comes out of it.
    error ArbitrageQuoted(uint256 amountIn, uint256 profit);

    /// @notice Says in which tokens arbitrages may start, once. Owner only, after `initializeStrikeBots`.
    function initializeAMMBots(TokenCap[] calldata caps) external;

    /// @notice Sets what one arbitrage may put in of a token. Owner only. 0 forbids it. The quote token must be known.
    function setAMMCap(address token, uint128 maxAmountIn) external;

    /// @notice Moves quote from the reserve, or another token from the inventory, to the AMM bots. Owner only.
    function fundAMM(address token, uint256 amount) external;

    /// @notice Moves the AMM bots' capital, profit included, back to the reserve or the inventory. Owner only.
    function defundAMM(address token, uint256 amount) external;

    /// @notice Executes an arbitrage, or changes nothing. Operators only; refused while paused or halted.
    /// @dev Gates in order: paused, halted, operator, deadline, confidence, pools and cycle, cap of the token, budget
    /// (where the token is the quote token, in book units, rounded up), profit. What every hop gave is measured where
    /// it arrives and must be what its pool says, so that nothing given in mid-flight passes for profit.
    /// With `resize` the amount is the best by the pools' reserves at their prices now: exact for V2, and for V3 as
    /// long as no tick with liquidity is crossed.
    /// @return amountIn What the first hop took, raw units.
    /// @return profit Raw units of the token it starts in, measured, booked to the AMM bots' capital.
    function executeArbitrage(ArbitrageOrder calldata order) external returns (uint256 amountIn, uint256 profit);

    /// @notice What `executeArbitrage` would give now. For `eth_call`: executes the swaps, undoes them, and tells what
    /// came of them; nothing remains if it is sent. Anyone. Asks for no role, deadline, confidence, cap, budget or
    /// least profit; swaps that fail, fail here with the same error.
    /// @return amountIn What the first hop would take, raw units: `order.amountIn`, or less with `resize`.
    /// @return profit Raw units; zero or less where executing would be refused.
    function quoteArbitrage(ArbitrageOrder calldata order) external returns (uint256 amountIn, int256 profit);

    /// @notice Score and capital in each token that has, or had, a cap or capital.
    function getAMMStats() external view returns (AMMTokenStats[] memory);
}
