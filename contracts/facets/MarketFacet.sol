// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {IMarket} from "../interfaces/IMarket.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibAmm} from "../libraries/cycle/LibAmm.sol";
import {LibMarket} from "../libraries/market/LibMarket.sol";
import {LibReference} from "../libraries/market/LibReference.sol";
import {LibTreasury} from "../libraries/treasury/LibTreasury.sol";
import {MarketConfig, MarketRules, MarketView, Venue} from "../types/MarketTypes.sol";

/// @title Markets
contract MarketFacet is IMarket, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IMarket
    function setFactory(address factory, Venue venue, bool allowed) external {
        LibAccess.requireOwner();
        LibMarket.setFactory(factory, venue, allowed);
    }

    /// @inheritdoc IMarket
    function registerMarket(MarketConfig calldata config) external nonReentrant returns (uint8 market) {
        LibAccess.requireOwner();
        LibAmm.requireHooks(config.hooks);
        return LibMarket.register(config, LibTreasury.requireQuote());
    }

    /// @inheritdoc IMarket
    function updateMarket(uint8 market, MarketRules calldata rules) external {
        LibAccess.requireOwner();
        LibMarket.update(market, rules);
    }

    /// @inheritdoc IMarket
    function setMarketFeeds(uint8 market, address feed, address uptimeFeed, uint24 uptimeGrace) external {
        LibAccess.requireOwner();
        LibMarket.setFeeds(market, LibTreasury.requireQuote(), feed, uptimeFeed, uptimeGrace);
    }

    /// @inheritdoc IMarket
    function enableMarket(uint8 market) external {
        LibAccess.requireOwner();
        LibMarket.enable(market);
    }

    /// @inheritdoc IMarket
    function disableMarket(uint8 market) external {
        LibAccess.requireOwnerOrGuardian();
        LibMarket.disable(market);
    }

    /// @inheritdoc IMarket
    function getMarket(uint8 market) external view nonReentrantView returns (MarketView memory) {
        return LibMarket.getMarket(market);
    }

    /// @inheritdoc IMarket
    function marketCount() external view returns (uint256) {
        return LibMarket.count();
    }

    /// @inheritdoc IMarket
    function getFactory(address factory) external view returns (bool allowed, Venue venue) {
        return LibMarket.factoryOf(factory);
    }

    /// @inheritdoc IMarket
    function getOracleQuote(uint8 market, uint256 baseAmount) external view returns (uint256 quoteAmount) {
        return LibMarket.oracleQuote(market, baseAmount);
    }

    /// @inheritdoc IMarket
    function getReferencePrices(uint8 market, uint256 baseAmount)
        external
        view
        returns (uint256 oracleQuote, uint256 meanQuote, uint256 startQuote)
    {
        LibMarket.requireKnown(market);
        LibReference.Prices memory p =
            LibReference.prices(market, LibMarket.stateOf(market), LibMarket.rulesOf(market), baseAmount);
        return (p.oracle, p.mean, p.start);
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IMarket.setFactory.selector,
            IMarket.registerMarket.selector,
            IMarket.updateMarket.selector,
            IMarket.setMarketFeeds.selector,
            IMarket.enableMarket.selector,
            IMarket.disableMarket.selector,
            IMarket.getMarket.selector,
            IMarket.marketCount.selector,
            IMarket.getFactory.selector,
            IMarket.getOracleQuote.selector,
            IMarket.getReferencePrices.selector
        );
    }
}
