// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Due} from "../types/StrikeTypes.sol";

/// @title Closing strikes without a trade of the diamond's
/// @notice Anyone may mark a strike as due whose barrier was reached, and take the position of a strike over that is due
/// and that neither operators nor the owner have closed in time. A taker pays with his own tokens, at a price that no
/// trade within the second changes; nothing that he does makes the diamond trade.
/// @dev All functions that change state are nonReentrant and work while paused or halted.
interface ITakeover {
    /// @notice A strike was marked as due before its horizon. `worth`: raw quote that its base is worth by the mean since
    /// the opening.
    event StrikeDue(uint256 indexed strikeId, Due indexed reason, address indexed by, uint256 worth);
    /// @notice A strike was taken over. The amounts are in its `StrikeSettled`.
    /// @param offBps The price against the best of the three references for the fleet, in basis points: over it where
    /// positive.
    /// @param oracleQuote Raw quote that the base is worth by the market's oracle.
    /// @param meanQuote By the pool's mean over the exit window.
    /// @param startQuote By the pool when the second began.
    event StrikeTaken(
        uint256 indexed strikeId,
        address indexed taker,
        int256 offBps,
        uint256 oracleQuote,
        uint256 meanQuote,
        uint256 startQuote
    );

    /// @notice Strike `strikeId` can be taken over from Unix second `opensAt` on.
    /// @custom:group access
    /// @custom:remedy Wait: until then operators and the owner close it.
    error StrikeNotTakeable(uint256 strikeId, uint256 opensAt);

    /// @notice Marks strikes as due whose take-profit or stop-loss was reached: by the pool's mean over the exit window,
    /// all of it after the opening, or by a feed's answer from after it, against the entry price. Anyone. Skips what is
    /// not open, not reached, due already, or without a price. A mark can't be undone.
    /// @param strikeIds The strikes; those that have not reached a barrier are left as they are.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function markDue(uint256[] calldata strikeIds) external;

    /// @notice Takes over the position of a strike that is due, from the market's keeper delay on. Anyone; refused while
    /// takeovers are stopped. Long: pays quote, gets the base. Short: delivers base, gets quote.
    /// @dev The tokens paid are pulled from the caller, who must have approved the diamond, and measured. The price is
    /// the best for the fleet of three references (the oracle, the pool's mean over the exit window, the pool when the
    /// second began; all must be known), plus a premium that falls to minus the discount over `auctionSeconds`. A short
    /// pays out at most twice its notional, for as much base as that buys. It counts as won until `auctionSeconds` are over.
    /// @param strikeId The strike.
    /// @param limitAmount Long: max quote to pay. Short: min quote to get. Raw units.
    /// @return amountIn Raw units paid: quote for a long, base for a short.
    /// @return amountOut Raw units received.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused; refused while takeovers are stopped
    function takeStrike(uint256 strikeId, uint256 limitAmount) external returns (uint256 amountIn, uint256 amountOut);

    /// @notice What `takeStrike` would do now.
    /// @param strikeId The strike.
    /// @return takeable False before `opensAt`, while stopped, or where a reference price is unknown; then no amounts.
    /// @return opensAt Unix second from which on it can be taken, if nothing marks it as due before.
    /// @return amountIn As of `takeStrike`.
    /// @return amountOut As of `takeStrike`.
    function quoteTake(uint256 strikeId)
        external
        view
        returns (bool takeable, uint256 opensAt, uint256 amountIn, uint256 amountOut);

    /// @notice Closes a strike without a trade or a transfer, at the worst for the fleet of the reference prices that are
    /// known. Owner only; for a pool that can't trade. The reserve pays for a long, whose base goes to the inventory; it
    /// takes what a short would have cost, at most twice its notional.
    /// @param strikeId The strike.
    /// @return pnl Raw quote units.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function closeAtOracle(uint256 strikeId) external returns (int256 pnl);

    /// @notice Closes a strike as a loss of its whole notional, without asking anything of anyone. Owner only; for a
    /// market without pool, token or oracle. As `closeAtOracle` at a price of nothing: it can only spoil the score.
    /// @param strikeId The strike.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function writeOffStrike(uint256 strikeId) external;

    /// @notice Whether a strike is due, or could be marked so now, and why or why not.
    /// @param strikeId The strike.
    /// @return due Whether it is due, or could be marked so now.
    /// @return reason Why, or why not.
    function canSettle(uint256 strikeId) external view returns (bool due, Due reason);
}
