// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAMMBot} from "../interfaces/IAMMBot.sol";
import {IMarket} from "../interfaces/IMarket.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3.sol";
import {AMMTokenStats, FEE_BASE, PoolConfig, PoolView, TokenCap} from "../types/AmmTypes.sol";
import {Venue} from "../types/MarketTypes.sol";
import {LibMarket} from "./LibMarket.sol";
import {LibTreasury} from "./LibTreasury.sol";
import {AmmStorage} from "./storage/AmmStorage.sol";

/// @title The AMM bots' pools, caps and books
library LibAmm {
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
        _know(token);
        AmmStorage.load().books[token].cap = maxAmountIn;
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
            AmmStorage.Pool storage record = l.pools[ids[i]];
            if (!record.registered) revert IAMMBot.UnknownPool(ids[i]);
            record.registered = false;
            l.idOf[record.pool] = 0;
            emit IAMMBot.PoolUnregistered(ids[i], record.pool);
        }
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
        uint256 held = capitalOf(token);
        if (amount > held) revert ITreasury.InsufficientFunds(token, amount, held);
        AmmStorage.load().books[token].funded -= int256(amount);
        if (token == LibTreasury.requireQuote()) LibTreasury.creditReserve(amount);
        else LibTreasury.creditInventory(token, amount);
        emit IAMMBot.AMMDefunded(token, amount);
    }

    /// @dev What a hop needs of a pool, in one word of storage.
    function poolAt(uint32 id) internal view returns (address pool, Venue venue, uint24 fee) {
        AmmStorage.Pool storage record = AmmStorage.load().pools[id];
        if (!record.registered) revert IAMMBot.UnknownPool(id);
        return (record.pool, record.venue, record.fee);
    }

    function requireUnderCap(address token, uint256 amountIn) internal view {
        uint256 cap = AmmStorage.load().books[token].cap;
        if (amountIn > cap) revert IAMMBot.AMMCapExceeded(token, amountIn, cap);
    }

    function book(address token, uint256 amountIn, uint256 profit) internal {
        AmmStorage.Book storage record = AmmStorage.load().books[token];
        ++record.executed;
        record.profit += profit.toUint112();
        record.volume += amountIn.toUint112();
        if (profit > record.best) record.best = uint128(profit);
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
            AmmStorage.Pool storage record = AmmStorage.load().pools[offset + i + 1];
            page[i] = PoolView({
                id: uint32(offset + i + 1),
                registered: record.registered,
                venue: record.venue,
                pool: record.pool,
                factory: record.factory,
                token0: record.token0,
                token1: record.token1,
                fee: record.fee
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
        if (l.idOf[config.pool] != 0) revert IAMMBot.PoolAlreadyRegistered(config.pool, l.idOf[config.pool]);
        AmmStorage.Pool memory record = _vouchedFor(config);
        id = ++l.poolCount;
        l.pools[id] = record;
        l.idOf[config.pool] = id;
        emit IAMMBot.PoolRegistered(
            id, config.pool, config.factory, record.venue, record.token0, record.token1, config.fee
        );
    }

    function _vouchedFor(PoolConfig calldata config) private view returns (AmmStorage.Pool memory record) {
        (bool allowed, Venue venue) = LibMarket.factoryOf(config.factory);
        if (!allowed) revert IMarket.FactoryNotAllowed(config.factory);
        if (config.pool.code.length == 0) revert IMarket.PoolNotCanonical(config.pool, config.factory);
        address token0 = IUniswapV3Pool(config.pool).token0();
        address token1 = IUniswapV3Pool(config.pool).token1();
        LibMarket.requireCanonical(venue, config.factory, config.pool, token0, token1);
        bool known = venue == Venue.UniswapV3 ? IUniswapV3Pool(config.pool).fee() == config.fee : config.fee < FEE_BASE;
        if (!known) revert IAMMBot.InvalidPoolFee(config.pool, config.fee);
        return AmmStorage.Pool({
            pool: config.pool,
            venue: venue,
            fee: config.fee,
            registered: true,
            factory: config.factory,
            token0: token0,
            token1: token1
        });
    }

    function _know(address token) private {
        AmmStorage.Layout storage l = AmmStorage.load();
        if (l.isKnown[token]) return;
        l.isKnown[token] = true;
        l.tokens.push(token);
    }
}
