// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibMarket} from "../libraries/market/LibMarket.sol";
import {LibOracle} from "../libraries/market/LibOracle.sol";
import {LibReference} from "../libraries/market/LibReference.sol";
import {MarketStorage} from "../libraries/storage/MarketStorage.sol";
import {MarketState} from "../types/MarketState.sol";
import {MarketRules} from "../types/MarketTypes.sol";
import {RulesWord} from "../types/RulesWord.sol";

/// @title The market's libraries, on whatever is put into their storage
contract MarketProbe {
    /// @dev The only market, 0.
    function setMarket(
        MarketState state,
        MarketRules calldata rules,
        address feed,
        int8 exponent,
        address uptimeFeed,
        uint24 uptimeGrace
    ) external {
        MarketStorage.Layout storage l = MarketStorage.load();
        l.count = 1;
        MarketStorage.Market storage record = l.markets[0];
        (record.state, record.rules) = (state, rules);
        (record.feed, record.feedExponent) = (feed, exponent);
        (record.uptimeFeed, record.uptimeGrace) = (uptimeFeed, uptimeGrace);
    }

    function stateOf() external view returns (MarketState) {
        return LibMarket.stateOf(0);
    }

    function charge(uint256 lots) external {
        (MarketState state, RulesWord rules) = _market();
        LibMarket.charge(0, state, rules, lots);
    }

    function release(uint256 lots) external {
        LibMarket.release(0, lots);
    }

    function update(MarketRules calldata rules) external {
        LibMarket.update(0, rules);
    }

    function requireAdmitted(bool long) external view {
        (MarketState state, RulesWord rules) = _market();
        LibMarket.requireAdmitted(0, state, rules, long);
    }

    function requireNearOracle(uint256 baseAmount, uint256 quoteAmount) external {
        (MarketState state, RulesWord rules) = _market();
        LibMarket.requireNearOracle(0, state, rules, baseAmount, quoteAmount);
    }

    function look(uint256 window) external returns (int256, int256) {
        (MarketState state, RulesWord rules) = _market();
        return LibMarket.look(0, state, rules, window);
    }

    function tryOracleQuote(uint256 baseAmount) external view returns (bool, uint256) {
        (MarketState state, RulesWord rules) = _market();
        return LibMarket.tryOracleQuote(0, state, rules, baseAmount);
    }

    function feedQuote(uint256 baseAmount) external view returns (uint256, uint256) {
        (, RulesWord rules) = _market();
        return LibMarket.feedQuote(0, rules, baseAmount);
    }

    function feedExponent(address feed, address base, address quote) external view returns (int8) {
        return LibOracle.feedExponent(feed, base, quote);
    }

    function isUptimeFeed(address feed) external view returns (bool) {
        return LibOracle.isUptimeFeed(feed);
    }

    function uptime() external view returns (bool, uint256) {
        return LibMarket.uptime(0);
    }

    // References

    function prices(uint256 base) external view returns (LibReference.Prices memory) {
        (MarketState state, RulesWord rules) = _market();
        return LibReference.prices(0, state, rules, base);
    }

    function extreme(LibReference.Prices memory prices_, bool high) external pure returns (uint256) {
        return LibReference.extreme(prices_, high);
    }

    function bestOfAll(LibReference.Prices memory prices_, bool long) external pure returns (uint256) {
        return LibReference.bestOfAll(prices_, long);
    }

    function exitOf(LibReference.Prices memory prices_) external view returns (uint256) {
        (, RulesWord rules) = _market();
        return LibReference.exitOf(rules, prices_);
    }

    function exit(bool long, uint256 base) external returns (uint256 worth, uint256 limit) {
        (MarketState state, RulesWord rules) = _market();
        return LibReference.exit(0, state, rules, long, base);
    }

    function since(uint256 base, uint256 openedAt) external view returns (uint256) {
        (MarketState state, RulesWord rules) = _market();
        return LibReference.since(0, state, rules, base, openedAt);
    }

    function _market() private view returns (MarketState, RulesWord) {
        return (LibMarket.stateOf(0), LibMarket.rulesOf(0));
    }
}
