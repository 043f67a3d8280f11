// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {AmmPool, FEE_BASE, Hop, PoolConfig} from "../../types/AmmTypes.sol";
import {MarketConfig, Route, Venue} from "../../types/MarketTypes.sol";
import {BalancerV2} from "./BalancerV2.sol";
import {LibToken} from "./LibToken.sol";
import {LibView} from "./LibView.sol";
import {UniswapV2} from "./UniswapV2.sol";
import {IUniswapV3Pool, UniswapV3} from "./UniswapV3.sol";
import {UniswapV4} from "./UniswapV4.sol";

/// @title The ladder over venues: the one place that asks which venue a pool is of
/// @dev What a venue is stands first, then what it does: in registration, in a strike, in a cycle. All else asks here. Hot
/// venues come first on each ladder.
library LibVenue {
    /// @dev Where an output stays that a manager owes to one hop and is owed by the next.
    address internal constant CREDIT = UniswapV4.CREDIT;

    // What a venue is

    /// @return Whether its pools remember their price, so that there is a mean of it.
    function hasMemory(Venue venue) internal pure returns (bool) {
        return venue == Venue.UniswapV3;
    }

    /// @return Whether its pools, if they have no memory, know at which price the running second began.
    function knowsStart(Venue venue) internal pure returns (bool) {
        return venue == Venue.UniswapV2;
    }

    /// @return Whether its pools can pay out before they are paid.
    function lends(Venue venue) internal pure returns (bool) {
        return !_isBalancer(venue);
    }

    /// @return Whether `quote` knows what a pool will give.
    function foretells(Venue venue) internal pure returns (bool) {
        return venue == Venue.UniswapV2 || _isBalancer(venue);
    }

    /// @return Whether a pool that paid out first looks itself for what it is paid.
    function seesItsPay(Venue venue) internal pure returns (bool) {
        return _isPair(venue);
    }

    /// @return Whether one manager, in `Hop.pool`, holds all its pools, and has to be unlocked first.
    function hasManager(Venue venue) internal pure returns (bool) {
        return venue == Venue.UniswapV4;
    }

    /// @return Whether `curve` is near at one amount only, so that it is asked again at the amount that it leads to.
    function isFitted(Venue venue) internal pure returns (bool) {
        return _isBalancer(venue);
    }

    // Registration

    /// @dev The factory itself must say that the pool is its own for these tokens. Other venues have no such factories.
    function isCanonical(Venue venue, address factory, address pool, address token0, address token1)
        internal
        view
        returns (bool)
    {
        if (venue == Venue.UniswapV3) return UniswapV3.isCanonical(factory, pool, token0, token1);
        if (venue == Venue.UniswapV2) return UniswapV2.isCanonical(factory, pool, token0, token1);
        return false;
    }

    /// @dev The manager itself must have a market's pool.
    function requireKept(MarketConfig calldata config, address quoteToken) internal view {
        UniswapV4.requireKept(config, quoteToken);
    }

    /// @dev Fills in what an arbitrage needs to know of a pool, and refuses one that is not of its venue. A pool that says
    /// its tokens itself has them in `record` already.
    function describe(PoolConfig calldata config, AmmPool memory record) internal view {
        Venue venue = record.venue;
        if (venue == Venue.UniswapV3) UniswapV3.describe(config);
        else if (venue == Venue.UniswapV2) UniswapV2.describe(config);
        else if (venue == Venue.UniswapV4) UniswapV4.describe(config, record);
        else BalancerV2.describe(config, record, venue == Venue.BalancerWeighted);
    }

    /// @return Whether a pool says its tokens itself, cheaper than storage does.
    function saysTokens(Venue venue) internal pure returns (bool) {
        return _isPair(venue);
    }

    function tokensOf(address pool) internal view returns (address token0, address token1) {
        token0 = LibView.addressOf(pool, IUniswapV3Pool.token0.selector);
        token1 = LibView.addressOf(pool, IUniswapV3Pool.token1.selector);
    }

    /// @dev Asks a pool for the smallest swap there is, with a callback that reverts.
    /// @return asked Whether its venue is one whose pools call back.
    /// @return done Whether the pool traded without calling back.
    /// @return reason What it reverted with otherwise.
    function probe(Venue venue, address pool) internal returns (bool asked, bool done, bytes memory reason) {
        asked = _isPair(venue);
        if (!asked) return (false, false, "");
        (done, reason) = venue == Venue.UniswapV3 ? UniswapV3.probe(pool) : UniswapV2.probe(pool);
    }

    // Strikes

    /// @param amountSpecified Positive: exact input. Negative: exact output.
    /// @param allowed What may be paid at most. Raw units.
    /// @param mayFail Whether a failed swap is answered with false instead of failing.
    /// @return ok Whether it was done.
    /// @return owed What the pool says it took.
    /// @return stated What the pool says it gave.
    function trade(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        internal
        returns (bool ok, uint256 owed, uint256 stated)
    {
        if (route.venue == Venue.UniswapV3) return UniswapV3.trade(route, amountSpecified, allowed, mayFail);
        if (route.venue == Venue.UniswapV2) return UniswapV2.trade(route, amountSpecified, allowed, mayFail);
        return UniswapV4.trade(route, amountSpecified, allowed, mayFail);
    }

    /// @dev The manager that `trade` unlocked calls back.
    function unlocked() internal {
        UniswapV4.unlocked();
    }

    /// @dev Of a venue without memory that knows it.
    /// @return What `amount` of a token was worth in the other when this second began; 0 where unknown.
    function startQuote(Venue venue, address pool, uint256 amount, bool amountIsToken0)
        internal
        view
        returns (uint256)
    {
        return knowsStart(venue) ? UniswapV2.startQuote(pool, amount, amountIsToken0) : 0;
    }

    // Cycles
    //
    // An input comes in three steps: `open` says where to, it is sent there, and `close` looks what came. A V2 pair is paid
    // directly and looks itself; V4's manager is paid directly and says what it saw; all else comes to the diamond and is
    // measured there.

    /// @return to Where the hop wants its input.
    /// @return balanceBefore Of that at the diamond before, where that is it.
    function open(Hop memory hop) internal returns (address to, uint256 balanceBefore) {
        if (hop.venue == Venue.UniswapV2) return (hop.pool, 0);
        to = hop.venue == Venue.UniswapV4 ? UniswapV4.open(hop) : address(this);
        if (to == address(this)) balanceBefore = SafeTransferLib.balanceOf(hop.tokenIn, to);
    }

    /// @param stated What is said to have come.
    function close(Hop memory hop, uint256 balanceBefore, uint256 stated) internal {
        if (hop.venue == Venue.UniswapV2) return;
        if (hop.venue == Venue.UniswapV4) UniswapV4.close(hop, balanceBefore, stated);
        else LibToken.requireArrived(hop.tokenIn, balanceBefore, stated);
    }

    /// @dev Swaps an input that is where `open` said.
    /// @param balanceBefore Of the input at the diamond before it came, where that is where it is.
    /// @param to Where the output goes.
    /// @return amountOut What the pool says it delivered.
    function swap(
        Hop memory hop,
        AmmPool storage record,
        address tokenOut,
        uint256 amount,
        uint256 balanceBefore,
        address to
    ) internal returns (uint256 amountOut) {
        if (hop.venue == Venue.UniswapV2) return UniswapV2.swap(hop, amount, to);
        if (hop.venue == Venue.UniswapV3) return UniswapV3.swap(hop, amount, balanceBefore, to);
        if (hop.venue == Venue.UniswapV4) return UniswapV4.swap(hop, record, tokenOut, amount, to);
        return BalancerV2.swap(hop, record, tokenOut, amount, balanceBefore, to);
    }

    /// @dev Of a venue that foretells.
    /// @return amountOut What the pool will give for `amount`, to the unit.
    function quote(Hop memory hop, AmmPool storage record, address tokenOut, uint256 amount)
        internal
        returns (uint256 amountOut)
    {
        if (hop.venue == Venue.UniswapV2) return UniswapV2.outputOf(hop.pool, hop.zeroForOne, hop.fee, amount);
        return BalancerV2.quote(record, hop.tokenIn, tokenOut, amount);
    }

    /// @dev Starts a flash pool that calls back itself.
    /// @param due What it is owed then.
    function lend(Hop memory hop, uint256 due, address to) internal {
        if (hop.venue == Venue.UniswapV3) UniswapV3.lend(hop, due, to);
        else UniswapV2.lend(hop, to);
    }

    /// @dev Unlocks the manager of a venue that has one. It calls back.
    function unlock(address manager) internal {
        UniswapV4.unlock(manager);
    }

    /// @return Whether the manager owes to `hop` what it is owed by `next`, in one currency.
    function isCredit(Hop memory hop, Hop memory next) internal pure returns (bool) {
        return hop.venue == Venue.UniswapV4 && next.venue == Venue.UniswapV4 && hop.etherOut == next.etherIn;
    }

    /// @return a As `b`, of a pool that pays out = b x / (a + x) for x. Raw units of what goes in, the fee on top.
    /// @return b Raw units of what comes out.
    function curve(Hop memory hop, AmmPool storage record, address tokenOut, uint256 amount)
        internal
        returns (uint256 a, uint256 b)
    {
        if (_isBalancer(hop.venue)) return BalancerV2.fitted(hop, record, tokenOut, amount);
        uint256 fee = hop.fee;
        if (hop.venue == Venue.UniswapV2) (a, b) = UniswapV2.reserves(hop.pool, hop.zeroForOne);
        else if (hop.venue == Venue.UniswapV3) (a, b) = UniswapV3.virtualReserves(hop.pool, hop.zeroForOne);
        else (a, b, fee) = UniswapV4.virtualReserves(hop.pool, record.poolId, hop.zeroForOne);
        a = FixedPointMathLib.fullMulDiv(a, FEE_BASE, FEE_BASE - fee);
    }

    function _isPair(Venue venue) private pure returns (bool) {
        return venue == Venue.UniswapV3 || venue == Venue.UniswapV2;
    }

    function _isBalancer(Venue venue) private pure returns (bool) {
        return venue == Venue.BalancerWeighted || venue == Venue.BalancerStable;
    }
}
