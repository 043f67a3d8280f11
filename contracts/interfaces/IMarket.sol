// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketConfig, MarketRules, MarketView, Venue} from "../types/MarketTypes.sol";

/// @title Markets
/// @notice A market is a base token, the pool it trades on against the fleet's quote token, an oracle and rules.
/// @dev The functions here call only pools, tokens and factories that the owner named, and write nothing after it.
interface IMarket {
    /// @notice A factory's pools may, or may no longer, be registered.
    event FactorySet(address indexed factory, Venue venue, bool allowed);
    /// @notice A market was registered, enabled.
    event MarketRegistered(uint8 indexed market, address indexed base, address indexed pool, MarketConfig config);
    /// @notice A market's rules changed.
    event MarketUpdated(uint8 indexed market, MarketRules rules);
    /// @notice A market's feeds changed.
    event MarketFeedsSet(uint8 indexed market, address feed, address uptimeFeed, uint24 uptimeGrace);
    /// @notice A market was enabled.
    event MarketEnabled(uint8 indexed market);
    /// @notice A market was disabled: nothing opens there; what is open can settle.
    event MarketDisabled(uint8 indexed market, address indexed by);

    /// @notice Factory `factory` is not allowed.
    /// @custom:group config
    /// @custom:remedy Let the owner allow it with `setFactory`.
    error FactoryNotAllowed(address factory);
    /// @notice Pool `pool` is not the one that factory `factory` has for its tokens and fee; of V4, not the manager itself.
    /// @custom:group config
    /// @custom:remedy Check the pool's and the factory's address.
    error PoolNotCanonical(address pool, address factory);
    /// @notice Pool `pool` does not trade base `base` against quote `quote`.
    /// @custom:group config
    /// @custom:remedy Check the pool's address and the fleet's quote token.
    error PoolTokensMismatch(address pool, address base, address quote);
    /// @notice Token `token` has an unsupported number of decimals, `decimals`.
    /// @custom:group config
    /// @custom:remedy Use a token with 2 to 18 decimals.
    error UnsupportedDecimals(address token, uint8 decimals);
    /// @notice Market rule `field` cannot be `value`.
    /// @custom:text field
    /// @custom:group config
    /// @custom:remedy See `MarketRules` for the ranges.
    error InvalidRule(bytes32 field, uint256 value);
    /// @notice Feed `feed` cannot be the market's oracle: it is missing, not wanted by the rules, or does not answer;
    /// or the pool keeps no price history.
    /// @custom:group config
    /// @custom:remedy Give a working feed with the rule `Feed`, or none with the rule `PoolTwap`.
    error InvalidOracle(address feed);
    /// @notice Pool `pool` remembers `slots` of the `needed` observations that the market's windows need.
    /// @custom:group config
    /// @custom:remedy Call the pool's `increaseObservationCardinalityNext`, then register or update again.
    error PoolMemoryTooShort(address pool, uint256 slots, uint256 needed);
    /// @notice There is no market `market`.
    /// @custom:group gate
    /// @custom:remedy Use 0 to `marketCount` less 1.
    error UnknownMarket(uint256 market);
    /// @notice Market `market` is disabled; its open strikes can settle.
    /// @custom:group gate
    /// @custom:remedy Let the owner call `enableMarket`.
    error MarketNotEnabled(uint256 market);
    /// @notice Market `market` does not allow this side (long: `isLong`).
    /// @custom:group gate
    /// @custom:remedy See the market's rules.
    error SideNotAllowed(uint256 market, bool isLong);
    /// @notice Market `market` has its cooldown until Unix second `readyAt`.
    /// @custom:group gate
    /// @custom:remedy Wait, or strike on another market.
    error CooldownActive(uint256 market, uint256 readyAt);
    /// @notice There are 256 markets, the maximum.
    /// @custom:group config
    /// @custom:remedy Update a market that is not used any more with `updateMarket`.
    error TooManyMarkets();
    /// @notice Market `market` has no fresh oracle price: the pool's history is shorter than the window, or the feed's
    /// answer is stale or not positive.
    /// @custom:group gate
    /// @custom:remedy Raise the pool's observation cardinality and wait, or wait for the feed.
    error OracleUnavailable(uint256 market);
    /// @notice Market `market` would trade `quoteAmount` raw quote for what its oracle values at `oracleQuote`: the
    /// pool is off the oracle's price, or too thin.
    /// @custom:group gate
    /// @custom:remedy Wait, or trade less.
    error OracleDeviation(uint256 market, uint256 quoteAmount, uint256 oracleQuote);
    /// @notice The strike's size in lots, `lots`, exceeds the market's cap for `cap`, which leaves `available`.
    /// @custom:text cap
    /// @custom:group gate
    /// @custom:remedy Wait, settle strikes, or let the owner raise the cap with `updateMarket`.
    error CapExceeded(bytes32 cap, uint256 lots, uint256 available);

    /// @notice Allows or forbids a factory. Owner only. Markets registered before stay as they are.
    /// @dev HAZARD: a factory answers for its pools. One whose pools can be changed afterwards, such as pools behind
    /// proxies, puts what is traded on them into its hands: up to the caps of their markets, and no other token than
    /// the market's own two.
    /// @param factory Factory of pools; V4: its manager.
    /// @param venue The kind of its pools.
    /// @param allowed Whether its pools may be registered.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function setFactory(address factory, Venue venue, bool allowed) external;

    /// @notice Registers a market and enables it. Owner only. The pool must be its factory's own for the two tokens; a V4
    /// pool is one that its manager has, of two tokens and not of ether, and wants a feed.
    /// @dev HAZARD: a token that takes fees on transfer is refused when a strike opens. One that rebases down while long
    /// leaves less to sell than was bought, and the strike can only be written off.
    /// @param config Base, pool, factory, oracle and rules.
    /// @return market Its id.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function registerMarket(MarketConfig calldata config) external returns (uint8 market);

    /// @notice Changes a market's rules for strikes to come. Owner only.
    /// @param market Market id.
    /// @param rules All of the rules, changed ones and others.
    /// @custom:reentrancy calls views alone, of places that the owner named, before it writes
    /// @custom:pause works while paused
    function updateMarket(uint8 market, MarketRules calldata rules) external;

    /// @notice Replaces the feeds of a market whose rules say `Feed`, also while strikes are open. Owner only.
    /// @dev HAZARD: the operator of `feed` decides what strikes are worth.
    /// @param market Market id.
    /// @param feed Chainlink-style feed of quote per base.
    /// @param uptimeFeed Chainlink's sequencer uptime feed on an L2; zero for none.
    /// @param uptimeGrace Seconds after a restart in which the feed is not believed; zero if there is no uptime feed.
    /// @custom:reentrancy calls views alone, of places that the owner named, before it writes
    /// @custom:pause works while paused
    function setMarketFeeds(uint8 market, address feed, address uptimeFeed, uint24 uptimeGrace) external;

    /// @notice Enables a market. Owner only.
    /// @param market Market id.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function enableMarket(uint8 market) external;

    /// @notice Disables a market: no strike opens on it. Owner or guardian.
    /// @param market Market id.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function disableMarket(uint8 market) external;

    /// @notice One market.
    /// @param market Market id.
    /// @return Its places, rules and what is used of its caps, in lots.
    function getMarket(uint8 market) external view returns (MarketView memory);

    /// @notice How many markets are registered; ids are 0 to this less one.
    /// @return At most 256.
    function marketCount() external view returns (uint256);

    /// @notice Whether the factory's pools may be registered, and as which venue.
    /// @param factory Factory of pools.
    /// @return allowed Whether its pools may be registered.
    /// @return venue The kind of its pools; meaningless if it was never named.
    function getFactory(address factory) external view returns (bool allowed, Venue venue);

    /// @notice What each reference price makes of `baseAmount` now, in raw quote units; 0 where it is unknown. No trade of
    /// the running second changes any of them.
    /// @param market Market id.
    /// @param baseAmount Raw base units.
    /// @return oracleQuote By the oracle: the mean of exactly the last `oracleWindow` seconds, or the feed's answer.
    /// @return meanQuote By the pool's mean of exactly the last `exitWindow` seconds; of a V2 or V4 pool the feed's answer.
    /// @return startQuote By the pool when this second began; of a V4 pool, which does not know, the feed's answer.
    function getReferencePrices(uint8 market, uint256 baseAmount)
        external
        view
        returns (uint256 oracleQuote, uint256 meanQuote, uint256 startQuote);

    /// @notice What the oracle says `baseAmount` is worth now, in raw quote units. Reverts when it has no fresh price.
    /// @param market Market id.
    /// @param baseAmount Raw base units.
    /// @return quoteAmount Raw quote units.
    function getOracleQuote(uint8 market, uint256 baseAmount) external view returns (uint256 quoteAmount);
}
