// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IMarket} from "../../interfaces/IMarket.sol";
import {IAggregatorV3} from "../../interfaces/external/IAggregatorV3.sol";

/// @title What a market's base token is worth, said by something that one block cannot move
library LibOracle {
    /// @dev A larger answer is not a price; up to here no product with a 96-bit amount overflows.
    int256 private constant MAX_ANSWER = int256(uint256(type(uint96).max));

    /// @dev A feed that reverts, or answers something else, has no price, and must not be able to stop a settlement from
    /// asking.
    /// @return quoteAmount 0 where there is no fresh price.
    /// @return updatedAt Unix second of the answer.
    function feedQuote(address feed, int256 exponent, uint256 maxAge, uint256 baseAmount)
        internal
        view
        returns (uint256 quoteAmount, uint256 updatedAt)
    {
        (bool ok, bytes memory data) = _ask(feed, abi.encodeCall(IAggregatorV3.latestRoundData, ()), 5);
        if (!ok) return (0, 0);
        int256 answer;
        (, answer,, updatedAt,) = abi.decode(data, (uint256, int256, uint256, uint256, uint256));
        if (answer <= 0 || answer > MAX_ANSWER) return (0, 0);
        if (updatedAt > block.timestamp || block.timestamp - updatedAt > maxAge) return (0, 0);
        quoteAmount = exponent < 0
            ? Math.mulDiv(baseAmount, uint256(answer), 10 ** uint256(-exponent))
            : baseAmount * uint256(answer) * 10 ** uint256(exponent);
    }

    /// @dev Chainlink's sequencer uptime feed answers 0 while the sequencer is up, `startedAt` being when it came up. What
    /// was traded while it was down only its feeds do not know, and no one could act: both are over after the grace.
    /// @return up Whether it is up, as far as the feed tells; without a feed, always.
    /// @return since Unix second at which the grace is over; 0 without a feed.
    function uptime(address uptimeFeed, uint256 grace) internal view returns (bool up, uint256 since) {
        if (uptimeFeed == address(0)) return (true, 0);
        (bool ok, int256 answer, uint256 startedAt) = _uptime(uptimeFeed);
        // Zero: the feed has had no round yet.
        up = ok && answer == 0 && startedAt != 0 && startedAt <= block.timestamp;
        since = up ? startedAt + grace : 0;
    }

    function isUptimeFeed(address uptimeFeed) internal view returns (bool) {
        (bool ok, int256 answer,) = _uptime(uptimeFeed);
        return ok && (answer == 0 || answer == 1);
    }

    function _uptime(address feed) private view returns (bool ok, int256 answer, uint256 startedAt) {
        bytes memory data;
        (ok, data) = _ask(feed, abi.encodeCall(IAggregatorV3.latestRoundData, ()), 5);
        if (ok) (, answer, startedAt,,) = abi.decode(data, (uint256, int256, uint256, uint256, uint256));
    }

    /// @return exponent Quote = answer x base x 10^exponent.
    function feedExponent(address feed, address base, address quote) internal view returns (int8 exponent) {
        (bool ok, bytes memory data) = _ask(feed, abi.encodeCall(IAggregatorV3.decimals, ()), 1);
        uint256 decimals = ok ? abi.decode(data, (uint256)) : type(uint256).max;
        if (decimals > 18) revert IMarket.InvalidOracle(feed);
        int256 quoteDecimals = int256(uint256(IERC20Metadata(quote).decimals()));
        return int8(quoteDecimals - int256(decimals) - int256(uint256(IERC20Metadata(base).decimals())));
    }

    /// @dev Not by try: an answer that is too short would revert here, and not be caught.
    /// @return ok Whether the feed is a contract that answered at least `words` words.
    function _ask(address feed, bytes memory call, uint256 words) private view returns (bool ok, bytes memory data) {
        (ok, data) = feed.staticcall(call);
        ok = ok && data.length >= 32 * words;
    }
}
