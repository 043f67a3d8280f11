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
    /// @notice A market was enabled.
    event MarketEnabled(uint8 indexed market);
    /// @notice A market was disabled: nothing opens there; what is open can settle.
    event MarketDisabled(uint8 indexed market, address indexed by);

    /// @notice The factory is not allowed.
    error FactoryNotAllowed(address factory);
    /// @notice The factory does not vouch for the pool.
    error PoolNotCanonical(address pool, address factory);
    /// @notice The pool does not trade base against the fleet's quote.
    error PoolTokensMismatch(address pool, address base, address quote);
    /// @notice The token's decimals are outside 2 to 18.
    error UnsupportedDecimals(address token, uint8 decimals);
    /// @notice A rule is zero, over 100 %, or over what the books can hold; `field` names it.
    error InvalidRule(bytes32 field, uint256 value);
    /// @notice A feed is missing, is not wanted, or does not answer; or the pool keeps no price history of its own.
    error InvalidOracle(address feed);
    /// @notice No such market.
    error UnknownMarket(uint256 market);
    /// @notice The market is disabled.
    error MarketNotEnabled(uint256 market);
    /// @notice The market, its limits or the bots do not allow this side.
    error SideNotAllowed(uint256 market, bool isLong);
    /// @notice The market rests until `readyAt`.
    error CooldownActive(uint256 market, uint256 readyAt);
    /// @notice The table of 256 markets is full.
    error TooManyMarkets();
    /// @notice The oracle has no fresh price: the pool's history is too short, or the feed's answer is old or not
    /// positive.
    error OracleUnavailable(uint256 market);
    /// @notice The price obtained is too far from the oracle's: raw quote traded, and what the oracle says it should
    /// be.
    error OracleDeviation(uint256 market, uint256 quoteAmount, uint256 oracleQuote);
    /// @notice Strike or exposure over a cap, in lots. `cap` names it: "strike", "open" or "day".
    error CapExceeded(bytes32 cap, uint256 lots, uint256 available);

    /// @notice Allows or forbids a factory. Owner only. Markets registered before stay as they are.
    function setFactory(address factory, Venue venue, bool allowed) external;

    /// @notice Registers a market and enables it. Owner only. The pool must be its factory's own for the two tokens.
    /// @dev HAZARD: a token that takes fees on transfer is refused when a strike opens. One that rebases down while long
    /// leaves less to sell than was bought, and the strike can only be written off.
    /// @return market Its id.
    function registerMarket(MarketConfig calldata config) external returns (uint8 market);

    /// @notice Changes a market's rules for strikes to come. Owner only.
    function updateMarket(uint8 market, MarketRules calldata rules) external;

    /// @notice Enables a market. Owner only.
    function enableMarket(uint8 market) external;

    /// @notice Disables a market: no strike opens on it. Owner or guardian.
    function disableMarket(uint8 market) external;

    /// @notice One market.
    function getMarket(uint8 market) external view returns (MarketView memory);

    /// @notice How many markets are registered; ids are 0 to this less one.
    function marketCount() external view returns (uint256);

    /// @notice Whether the factory's pools may be registered, and as which venue.
    function getFactory(address factory) external view returns (bool allowed, Venue venue);

    /// @notice What the oracle says `baseAmount` is worth now, in raw quote units. Reverts when it has no fresh price.
    function getOracleQuote(uint8 market, uint256 baseAmount) external view returns (uint256 quoteAmount);
}
