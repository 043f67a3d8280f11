// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {IAccess} from "../../interfaces/IAccess.sol";
import {IMarket} from "../../interfaces/IMarket.sol";
import {IPools} from "../../interfaces/IPools.sol";
import {ITreasury} from "../../interfaces/ITreasury.sol";
import {AMMTokenStats, AmmPool, AttemptBin, PoolConfig, PoolView, TokenCap} from "../../types/AmmTypes.sol";
import {Venue} from "../../types/MarketTypes.sol";
import {LibCalibration} from "../fleet/LibCalibration.sol";
import {LibMarket} from "../market/LibMarket.sol";
import {LibProbe} from "../strike/LibProbe.sol";
import {LibTreasury} from "../treasury/LibTreasury.sol";
import {AmmStorage} from "../storage/AmmStorage.sol";
import {LibVenue} from "../venues/LibVenue.sol";

/// @title The AMM bots' pools, caps and books
library LibAmm {
    using FixedPointMathLib for uint256;
    using SafeCast for uint256;

    function initialize(TokenCap[] calldata caps) internal {
        LibTreasury.requireQuote();
        AmmStorage.Layout storage l = AmmStorage.load();
        if (l.initialized) revert IAMMBot.AMMAlreadyInitialized();
        l.initialized = true;
        emit IAMMBot.AMMInitialized();
        for (uint256 i; i < caps.length; ++i) {
            setCap(caps[i].token, caps[i].maxAmountIn);
        }
    }

    function setCap(address token, uint128 maxAmountIn) internal {
        bool isQuote = token == LibTreasury.requireQuote();
        _know(token);
        AmmStorage.Book storage record = AmmStorage.load().books[token];
        record.cap = maxAmountIn;
        // Beside the cap, which is none before this, so that an arbitrage need not read the quote token.
        record.isQuote = isQuote;
        emit IAMMBot.AMMCapSet(token, maxAmountIn);
    }

    function register(PoolConfig[] calldata configs) internal returns (uint32[] memory ids) {
        ids = new uint32[](configs.length);
        for (uint256 i; i < configs.length; ++i) {
            ids[i] = _register(configs[i]);
        }
    }

    function unregister(uint32[] calldata ids) internal {
        AmmStorage.Layout storage l = AmmStorage.load();
        for (uint256 i; i < ids.length; ++i) {
            AmmPool storage record = l.pools[ids[i]];
            if (!record.registered) revert IPools.UnknownPool(ids[i]);
            record.registered = false;
            l.idOf[_keyOf(record)] = 0;
            emit IPools.PoolUnregistered(ids[i], record.pool);
        }
    }

    function setHooks(address hooks, bool allowed) internal {
        if (hooks == address(0)) revert IAccess.ZeroAddress();
        AmmStorage.load().hooksAllowed[hooks] = allowed;
        emit IPools.HooksSet(hooks, allowed);
    }

    /// @dev Once: what cycles mean by ether must not change under pools that are registered.
    function setWrappedNative(address token) internal {
        if (token == address(0)) revert IAccess.ZeroAddress();
        AmmStorage.Layout storage l = AmmStorage.load();
        if (l.wrappedNative != address(0)) revert IPools.WrappedNativeAlreadySet(l.wrappedNative);
        l.wrappedNative = token;
        emit IPools.WrappedNativeSet(token);
    }

    function hooksAllowed(address hooks) internal view returns (bool) {
        return AmmStorage.load().hooksAllowed[hooks];
    }

    /// @dev None, or some that are allowed.
    function requireHooks(address hooks) internal view {
        if (hooks != address(0) && !hooksAllowed(hooks)) revert IPools.HooksNotAllowed(hooks);
    }

    function wrappedNative() internal view returns (address) {
        return AmmStorage.load().wrappedNative;
    }

    /// @dev Capital comes from where the token's other capital is: the reserve for quote, the inventory else.
    function fund(address token, uint256 amount) internal {
        if (amount == 0) revert ITreasury.ZeroAmount();
        if (token == LibTreasury.requireQuote()) LibTreasury.debitReserve(amount);
        else LibTreasury.debitInventory(token, amount);
        _know(token);
        AmmStorage.load().books[token].funded += int256(uint256(amount.toUint128()));
        emit IAMMBot.AMMFunded(token, amount);
    }

    function defund(address token, uint256 amount) internal {
        if (amount == 0) revert ITreasury.ZeroAmount();
        uint256 balanceBefore = capitalOf(token);
        if (amount > balanceBefore) revert ITreasury.InsufficientFunds(token, amount, balanceBefore);
        AmmStorage.load().books[token].funded -= int256(amount);
        if (token == LibTreasury.requireQuote()) LibTreasury.creditReserve(amount);
        else LibTreasury.creditInventory(token, amount);
        emit IAMMBot.AMMDefunded(token, amount);
    }

    /// @dev What a hop needs of a pool, in one word of storage.
    function poolAt(uint32 id) internal view returns (address pool, Venue venue, uint24 fee) {
        AmmPool storage record = AmmStorage.load().pools[id];
        if (!record.registered) revert IPools.UnknownPool(id);
        return (record.pool, record.venue, record.fee);
    }

    function recordOf(uint32 id) internal view returns (AmmPool storage) {
        return AmmStorage.load().pools[id];
    }

    /// @return isQuote Whether it is the quote token.
    function requireUnderCap(address token, uint256 amountIn) internal view returns (bool isQuote) {
        AmmStorage.Book storage record = AmmStorage.load().books[token];
        uint256 cap = record.cap;
        if (amountIn > cap) revert IAMMBot.AMMCapExceeded(token, amountIn, cap);
        return record.isQuote;
    }

    /// @return The cap of `token`, raw units; where it has none, what no pool has: a cap of zero refuses later, by name.
    function maxSizeOf(address token) internal view returns (uint256) {
        uint256 cap = AmmStorage.load().books[token].cap;
        return cap == 0 ? type(uint128).max : cap;
    }

    function book(address token, uint256 amountIn, uint256 profit) internal {
        AmmStorage.Book storage record = AmmStorage.load().books[token];
        ++record.executed;
        record.profit += profit.toUint112();
        // A statistic, and whole tokens can go round for ever: it stays full rather than refuse the arbitrage.
        record.volume = uint112(FixedPointMathLib.min(amountIn.saturatingAdd(record.volume), type(uint112).max));
        if (profit > record.best) record.best = uint112(profit);
    }

    /// @dev Counts an attempt in its model's bin.
    function score(uint256 modelId, uint256 confidenceBps, bool hit) internal {
        uint256 bin = LibCalibration.bin(confidenceBps);
        AmmStorage.Attempts storage cell = AmmStorage.load().attempts[modelId * LibCalibration.BINS + bin];
        ++cell.made;
        if (hit) ++cell.hits;
        cell.brierSum += uint128(LibCalibration.brier(confidenceBps, hit));
    }

    function attemptsOf(uint256 modelId) internal view returns (AttemptBin[7] memory bins) {
        for (uint256 bin; bin < LibCalibration.BINS; ++bin) {
            AmmStorage.Attempts memory cell = AmmStorage.load().attempts[modelId * LibCalibration.BINS + bin];
            bins[bin] = AttemptBin(cell.made, cell.hits, cell.brierSum);
        }
    }

    function capitalOf(address token) internal view returns (uint256) {
        AmmStorage.Book storage record = AmmStorage.load().books[token];
        return uint256(record.funded + int256(uint256(record.profit)));
    }

    function poolCount() internal view returns (uint256) {
        return AmmStorage.load().poolCount;
    }

    function pools(uint256 offset, uint256 limit) internal view returns (PoolView[] memory page) {
        uint256 count = poolCount();
        uint256 left = offset < count ? count - offset : 0;
        page = new PoolView[](limit < left ? limit : left);
        for (uint256 i; i < page.length; ++i) {
            AmmPool storage record = AmmStorage.load().pools[offset + i + 1];
            page[i] = PoolView({
                id: uint32(offset + i + 1),
                registered: record.registered,
                venue: record.venue,
                pool: record.pool,
                factory: record.factory,
                token0: record.token0,
                token1: record.token1,
                fee: record.fee,
                poolId: record.poolId,
                tickSpacing: record.tickSpacing,
                hooks: record.hooks
            });
        }
    }

    function stats() internal view returns (AMMTokenStats[] memory found) {
        AmmStorage.Layout storage l = AmmStorage.load();
        found = new AMMTokenStats[](l.tokens.length);
        for (uint256 i; i < found.length; ++i) {
            address token = l.tokens[i];
            AmmStorage.Book storage record = l.books[token];
            found[i] = AMMTokenStats({
                token: token,
                executed: record.executed,
                profit: record.profit,
                best: record.best,
                volume: record.volume,
                capital: capitalOf(token),
                maxAmountIn: record.cap
            });
        }
    }

    function _register(PoolConfig calldata config) private returns (uint32 id) {
        AmmStorage.Layout storage l = AmmStorage.load();
        AmmPool memory record = _validated(config);
        LibProbe.requireCallback(record.venue, record.pool);
        bytes32 key = _keyOf(record);
        if (l.idOf[key] != 0) revert IPools.PoolAlreadyRegistered(config.pool, l.idOf[key]);
        id = ++l.poolCount;
        l.pools[id] = record;
        l.idOf[key] = id;
        emit IPools.PoolRegistered(
            id,
            record.pool,
            record.factory,
            record.venue,
            record.token0,
            record.token1,
            record.fee,
            record.poolId,
            record.tickSpacing,
            record.hooks
        );
    }

    /// @dev A V4 pool has no address of its own; a Balancer pool is as many pools as it has pairs of tokens.
    function _keyOf(AmmPool memory record) private pure returns (bytes32) {
        if (record.poolId == 0) return bytes32(uint256(uint160(record.pool)));
        return keccak256(abi.encode(record.pool, record.poolId, record.token0, record.token1));
    }

    function _validated(PoolConfig calldata config) private view returns (AmmPool memory record) {
        bool allowed;
        (allowed, record.venue) = LibMarket.factoryOf(config.factory);
        if (!allowed) revert IMarket.FactoryNotAllowed(config.factory);
        if (config.pool.code.length == 0) revert IMarket.PoolNotCanonical(config.pool, config.factory);
        (record.pool, record.factory, record.registered) = (config.pool, config.factory, true);
        record.fee = config.fee;
        if (LibVenue.saysTokens(record.venue)) {
            (record.token0, record.token1) = LibVenue.tokensOf(config.pool);
            LibMarket.requireCanonical(record.venue, config.factory, config.pool, record.token0, record.token1);
        }
        if (LibVenue.hasManager(record.venue)) requireHooks(config.hooks);
        LibVenue.describe(config, record);
        if (record.token0 != address(0)) return record;
        address wrapped = wrappedNative();
        if (wrapped == address(0)) revert IPools.WrappedNativeNotSet();
        // Both of its tokens would be the same one in a cycle.
        if (record.token1 == wrapped) revert IPools.InvalidPoolTokens(record.pool, record.token0, record.token1);
    }

    function _know(address token) private {
        AmmStorage.Layout storage l = AmmStorage.load();
        if (l.isKnown[token]) return;
        l.isKnown[token] = true;
        l.tokens.push(token);
    }
}
