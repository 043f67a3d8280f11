// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {IAccess} from "../../interfaces/IAccess.sol";
import {IStrikeBot} from "../../interfaces/IStrikeBot.sol";
import {ITreasury} from "../../interfaces/ITreasury.sol";
import {CoreWord} from "../../types/CoreWord.sol";
import {ACTION_ARBITRAGE, BPS, MIN_CONFIDENCE_BPS, Operator} from "../../types/AccessTypes.sol";
import {AmmPool, ArbitrageOrder, Hop, MAX_HOPS, MIN_HOPS} from "../../types/AmmTypes.sol";
import {LibAccess} from "../access/LibAccess.sol";
import {LibAmm} from "./LibAmm.sol";
import {LibVenue} from "../venues/LibVenue.sol";
import {LibFlash} from "./LibFlash.sol";
import {LibFleet} from "../fleet/LibFleet.sol";
import {LibSize} from "./LibSize.sol";
import {LibStrike} from "../strike/LibStrike.sol";

/// @title Arbitrage: gates, route, books
library LibArbitrage {
    uint256 private constant ID_BITS = 32;
    /// @dev A selector and three words.
    uint256 private constant NOT_PROFITABLE_BYTES = 100;

    function execute(ArbitrageOrder calldata order) internal returns (uint256 amountIn, uint256 profit) {
        (CoreWord core, Operator storage grant) = requireAdmitted(order);
        (Hop[] memory hops, uint256 ids) = _route(order);
        amountIn = _size(order, hops);
        bool isQuote = LibAmm.requireUnderCap(order.tokenIn, amountIn);
        if (isQuote) {
            LibAccess.chargeBudget(grant, FixedPointMathLib.divUp(amountIn, core.unit()));
        }
        profit = LibFlash.run(hops, amountIn, order.minProfit);
        LibAmm.book(order.tokenIn, amountIn, profit);
        emit IAMMBot.ArbitrageExecuted(
            msg.sender, order.tokenIn, amountIn, profit, order.modelId, order.confidenceBps, ids
        );
    }

    /// @dev As `execute`, but that a failure behind the gates does not fail the call: it is rolled back whole, and counted.
    /// The target is this diamond and nothing else.
    function attempt(ArbitrageOrder calldata order) internal returns (bool hit, uint256 amountIn, uint256 profit) {
        requireAdmitted(order);
        bytes memory result;
        // slither-disable-next-line low-level-calls
        (hit, result) = address(this).delegatecall(abi.encodeCall(IAMMBot.executeArbitrage, (order)));
        LibAmm.score(order.modelId, order.confidenceBps, hit);
        if (hit) {
            (amountIn, profit) = abi.decode(result, (uint256, uint256));
            result = "";
        }
        emit IAMMBot.ArbitrageScored(msg.sender, order.modelId, order.confidenceBps, hit, result);
    }

    /// @dev The gates that do not depend on any pool.
    /// @return core The fleet's.
    /// @return grant The caller's.
    function requireAdmitted(ArbitrageOrder calldata order)
        internal
        view
        returns (CoreWord core, Operator storage grant)
    {
        core = LibFleet.core();
        if (core.isPaused()) revert IAccess.EnforcedPause();
        if (core.isHalted()) revert IStrikeBot.FleetHalted();
        grant = LibAccess.requireOperator(ACTION_ARBITRAGE);
        _admit(order, core);
    }

    /// @dev Executes the swaps without permission checks; the caller must revert.
    function trial(ArbitrageOrder calldata order) internal returns (uint256 amountIn, uint256 profit) {
        (Hop[] memory hops,) = _route(order);
        amountIn = _size(order, hops);
        profit = LibFlash.run(hops, amountIn, 0);
    }

    /// @param outcome What the trial's frame failed with: `ArbitrageQuoted`, or `ArbitrageFailed` with what the swaps
    /// failed with. That may be forged: a token can say that there is no profit, since it can see to that anyway, but not
    /// that there is one, nor anything in the diamond's name.
    function quoted(ArbitrageOrder calldata order, bytes memory outcome)
        internal
        pure
        returns (uint256 amountIn, int256 profit)
    {
        if (bytes4(outcome) == IAMMBot.ArbitrageQuoted.selector) return _amounts(outcome);
        // Out of gas, or the like, in the frame itself.
        if (bytes4(outcome) != IAMMBot.ArbitrageFailed.selector) revert IAMMBot.ArbitrageFailed(outcome);
        bytes memory reason;
        // Behind the selector: the offset of the reason, always 0x20, and the reason.
        assembly ("memory-safe") {
            reason := add(outcome, 0x44)
        }
        if (bytes4(reason) == IAMMBot.NotProfitable.selector && reason.length == NOT_PROFITABLE_BYTES) {
            (amountIn, profit) = _amounts(reason);
            if (profit <= 0 && amountIn <= order.amountIn) return (amountIn, profit);
        }
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @dev Of an error that begins with the amount and the profit.
    function _amounts(bytes memory reason) private pure returns (uint256 amountIn, int256 profit) {
        assembly ("memory-safe") {
            amountIn := mload(add(reason, 0x24))
            profit := mload(add(reason, 0x44))
        }
    }

    function _admit(ArbitrageOrder calldata order, CoreWord core) private view {
        if (block.timestamp > order.deadline) revert IAMMBot.OrderExpired(order.deadline, block.timestamp);
        uint256 threshold = MIN_CONFIDENCE_BPS + core.thresholdOverBps();
        if (order.confidenceBps < threshold) revert IAccess.ConfidenceTooLow(order.confidenceBps, threshold);
        if (order.confidenceBps > BPS) revert IAccess.ConfidenceOutOfRange(order.confidenceBps);
    }

    /// @dev The hops, each in the direction that the one before it leaves. The pools themselves say their tokens.
    /// @return hops The hops.
    /// @return ids The pools' ids, packed.
    function _route(ArbitrageOrder calldata order) private view returns (Hop[] memory hops, uint256 ids) {
        uint256 count = order.pools.length;
        if (count < MIN_HOPS || count > MAX_HOPS) revert IAMMBot.InvalidHops(count);
        hops = new Hop[](count);
        address token = order.tokenIn;
        for (uint256 i; i < count; ++i) {
            uint32 id = order.pools[i];
            Hop memory hop = hops[i];
            hop.id = id;
            (hop.pool, hop.venue, hop.fee) = LibAmm.poolAt(id);
            hop.tokenIn = token;
            for (uint256 j; j < i; ++j) {
                bool repeated = LibVenue.hasManager(hop.venue) ? order.pools[j] == id : hops[j].pool == hop.pool;
                if (repeated) revert IAMMBot.PoolRepeated(id);
                if (hops[j].tokenIn == token) revert IAMMBot.TokenRepeated(token);
            }
            token = _across(hop, token);
            ids |= uint256(id) << (ID_BITS * i);
        }
        if (token != order.tokenIn) revert IAMMBot.CycleNotClosed(order.tokenIn, token);
    }

    function _across(Hop memory hop, address tokenIn) private view returns (address tokenOut) {
        address token0;
        address token1;
        bool isEther;
        if (LibVenue.saysTokens(hop.venue)) {
            (token0, token1) = LibVenue.tokensOf(hop.pool);
        } else {
            AmmPool storage record = LibAmm.recordOf(hop.id);
            (token0, token1) = (record.token0, record.token1);
            isEther = token0 == address(0);
            if (isEther) token0 = LibAmm.wrappedNative();
        }
        hop.zeroForOne = tokenIn == token0;
        if (!hop.zeroForOne && tokenIn != token1) revert IAMMBot.TokenNotInPool(hop.id, tokenIn);
        hop.etherIn = isEther && hop.zeroForOne;
        hop.etherOut = isEther && !hop.zeroForOne;
        return hop.zeroForOne ? token1 : token0;
    }

    /// @dev A cycle without a flash pool runs on the capital of its token in the books.
    function _size(ArbitrageOrder calldata order, Hop[] memory hops) private returns (uint256 amountIn) {
        if (order.amountIn == 0) revert ITreasury.ZeroAmount();
        bool onCapital = LibFlash.flashHopOf(hops) == hops.length;
        uint256 capital = onCapital ? LibAmm.capitalOf(order.tokenIn) : type(uint256).max;
        amountIn = order.amountIn;
        if (order.resize) {
            uint256 max = FixedPointMathLib.min(capital, LibAmm.maxSizeOf(order.tokenIn));
            amountIn = LibSize.best(hops, FixedPointMathLib.min(amountIn, max));
            if (amountIn == 0) revert IAMMBot.NotProfitable(0, 0, order.minProfit);
        }
        if (amountIn > capital) revert IAMMBot.InsufficientAMMCapital(order.tokenIn, amountIn, capital);
    }
}
