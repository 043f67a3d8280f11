// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

import {IMarket} from "../../interfaces/IMarket.sol";
import {IPools} from "../../interfaces/IPools.sol";
import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {AmmPool, FEE_BASE, Hop, PoolConfig} from "../../types/AmmTypes.sol";
import {KeyWord, keyWordOf} from "../../types/KeyWord.sol";
import {MarketConfig, Route} from "../../types/MarketTypes.sol";
import {LibCall} from "./LibCall.sol";
import {LibCallback} from "../cycle/LibCallback.sol";
import {LibNative} from "../cycle/LibNative.sol";
import {LibToken} from "./LibToken.sol";
import {LibView} from "./LibView.sol";

/// @notice What names a pool of Uniswap V4. Currencies in order; zero is ether.
struct PoolKey {
    address currency0;
    address currency1;
    uint24 fee;
    int24 tickSpacing;
    address hooks;
}

/// @param amountSpecified Negative: exact input. Positive: exact output.
struct SwapParams {
    bool zeroForOne;
    int256 amountSpecified;
    uint160 sqrtPriceLimitX96;
}

/// @notice The part of Uniswap V4's manager that is needed here.
interface IPoolManager {
    function unlock(bytes calldata data) external returns (bytes memory result);

    /// @return delta What the pool pays, or where negative takes, of currency0 in the upper half and of currency1.
    function swap(PoolKey memory key, SwapParams memory params, bytes calldata hookData) external returns (int256 delta);

    function sync(address currency) external;

    function take(address currency, address to, uint256 amount) external;

    function settle() external payable returns (uint256 paid);

    function extsload(bytes32 slot) external view returns (bytes32 value);
}

/// @title Uniswap V4: swaps on its manager, which keeps accounts while it is unlocked
library UniswapV4 {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.AddressSlot;
    using TransientSlot for TransientSlot.Int256Slot;
    using TransientSlot for TransientSlot.Uint256Slot;

    /// @dev A strike's swap while it runs: its callback is another call frame, and takes nothing from the manager.
    /// keccak256(abi.encode(uint256(keccak256("macrostrike.transient.Trade")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant KEY = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f00;
    bytes32 private constant DIRECTION = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f01;
    bytes32 private constant TOKEN_IN = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f02;
    bytes32 private constant TOKEN_OUT = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f03;
    bytes32 private constant AMOUNT = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f04;
    bytes32 private constant ALLOWED = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f05;
    bytes32 private constant OWED = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f06;
    bytes32 private constant STATED = 0xbcab7f991457cdad1babcf4e540f0faa00eea98f7d6af12d1ad94ec7b7999f07;

    /// @dev Where an output stays that the manager owes to one hop and is owed by the next: nowhere.
    address internal constant CREDIT = address(0);

    /// @dev The pools' own price bounds, one inside: no limit but the measured amounts.
    uint160 private constant MIN_SQRT_PRICE = 4295128740;
    uint160 private constant MAX_SQRT_PRICE = 1461446703485210103287273052203988822378723970341;

    /// @dev Where the manager keeps its pools, and in a pool its liquidity.
    uint256 private constant POOLS_SLOT = 6;
    uint256 private constant LIQUIDITY_OFFSET = 3;

    /// @dev Behind price and tick in a pool's first word.
    uint256 private constant PROTOCOL_FEE_SHIFT = 184;
    uint256 private constant PROTOCOL_FEE_BITS = 12;
    uint256 private constant LP_FEE_SHIFT = 208;

    /// @dev The manager knows a pool by the hash of its key, and has initialised it if it has a price.
    function describe(PoolConfig calldata config, AmmPool memory record) internal view {
        (record.token0, record.token1) = (config.token0, config.token1);
        record.tickSpacing = config.tickSpacing;
        record.hooks = config.hooks;
        record.hasHooks = config.hooks != address(0);
        PoolKey memory key = PoolKey(config.token0, config.token1, config.fee, config.tickSpacing, config.hooks);
        record.poolId = _requireKept(config.pool, config.factory, key);
    }

    /// @dev As `describe`, of a market's pool.
    function requireKept(MarketConfig calldata config, address quote) internal view {
        KeyWord word = keyWordOf(config.fee, config.tickSpacing, config.hooks);
        _requireKept(config.pool, config.factory, _keyOf(config.base, quote, config.base < quote, word));
    }

    function idOf(PoolKey memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(key));
    }

    function isInitialized(address manager, bytes32 poolId) internal view returns (bool) {
        return uint160(_load(manager, _slotOf(poolId))) != 0;
    }

    /// @dev A strike's swap. See LibVenue. The manager calls back for it.
    function trade(Route memory route, int256 amountSpecified, uint256 allowed, bool mayFail)
        internal
        returns (bool ok, uint256 owed, uint256 stated)
    {
        KEY.asUint256().tstore(KeyWord.unwrap(route.key));
        DIRECTION.asUint256().tstore(route.zeroForOne ? 1 : 0);
        TOKEN_IN.asAddress().tstore(route.tokenIn);
        TOKEN_OUT.asAddress().tstore(route.tokenOut);
        AMOUNT.asInt256().tstore(amountSpecified);
        ALLOWED.asUint256().tstore(allowed);
        LibCallback.expect(route.pool, LibCallback.TRADE);
        try IPoolManager(route.pool).unlock("") {
            LibCallback.requireTurnTaken(route.pool);
            return (true, OWED.asUint256().tload(), STATED.asUint256().tload());
        } catch (bytes memory reason) {
            if (!mayFail) LibCall.fail(route.pool, reason);
            // Its turn came back with all that the callback did.
            LibCallback.forget();
        }
    }

    /// @dev In the callback of the manager, whose turn it was: swaps, pays what is owed, and takes what is given. What
    /// hooks do to either amount is seen in them.
    function unlocked() internal {
        (address tokenIn, address tokenOut) = (TOKEN_IN.asAddress().tload(), TOKEN_OUT.asAddress().tload());
        bool zeroForOne = DIRECTION.asUint256().tload() != 0;
        PoolKey memory key = _keyOf(tokenIn, tokenOut, zeroForOne, KeyWord.wrap(KEY.asUint256().tload()));
        (uint256 owed, uint256 stated) = swapKey(msg.sender, key, zeroForOne, -AMOUNT.asInt256().tload());
        uint256 allowed = ALLOWED.asUint256().tload();
        if (owed > allowed) revert ISwapCallback.CallbackAmountExceeded(owed, allowed);
        sync(msg.sender, tokenIn);
        LibToken.transfer(tokenIn, msg.sender, owed);
        uint256 paid = settle(msg.sender, 0);
        if (paid != owed) revert ISwapCallback.UnfaithfulToken(tokenIn, paid, owed);
        take(msg.sender, tokenOut, address(this), stated);
        OWED.asUint256().tstore(owed);
        STATED.asUint256().tstore(stated);
    }

    /// @dev The manager calls back, and wants every account even by the end of that.
    function unlock(address manager) internal {
        LibCallback.expect(manager, LibCallback.UNLOCK);
        try IPoolManager(manager).unlock("") {}
        catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
        LibCallback.requireTurnTaken(manager);
    }

    /// @dev The manager is paid directly, but for ether, which is unwrapped first.
    function open(Hop memory hop) internal returns (address to) {
        if (hop.etherIn) return address(this);
        sync(hop.pool, hop.tokenIn);
        return hop.pool;
    }

    function close(Hop memory hop, uint256 balanceBefore, uint256 stated) internal {
        if (hop.etherIn) {
            LibToken.requireArrived(hop.tokenIn, balanceBefore, stated);
            LibNative.unwrap(hop.tokenIn, stated);
            settle(hop.pool, stated);
            return;
        }
        uint256 paid = settle(hop.pool, 0);
        if (paid != stated) revert ISwapCallback.UnfaithfulToken(hop.tokenIn, paid, stated);
    }

    /// @dev Swaps an input that the manager has, or owes.
    /// @param to `CREDIT`: the manager keeps the output for the next hop.
    function swap(Hop memory hop, AmmPool storage record, address tokenOut, uint256 amount, address to)
        internal
        returns (uint256 amountOut)
    {
        uint256 spent;
        (spent, amountOut) = swapKey(hop.pool, _keyOf(record), hop.zeroForOne, -int256(amount));
        if (spent != amount) revert ISwapCallback.PartialFill(spent, amount);
        if (to == CREDIT) return amountOut;
        if (!hop.etherOut) {
            take(hop.pool, tokenOut, to, amountOut);
            return amountOut;
        }
        uint256 before = LibNative.open(hop.pool);
        take(hop.pool, address(0), address(this), amountOut);
        LibNative.close(before, amountOut);
        LibNative.wrap(tokenOut, amountOut);
        if (to != address(this)) LibToken.transfer(tokenOut, to, amountOut);
    }

    /// @dev The reserves of a V2 pair that would trade as this pool does at its price, until the liquidity changes; and
    /// its fee, in hundredths of a basis point, the protocol's part included, as hooks set it last where they do.
    function virtualReserves(address manager, bytes32 poolId, bool zeroForOne)
        internal
        view
        returns (uint256 reserveIn, uint256 reserveOut, uint256 fee)
    {
        bytes32 slot = _slotOf(poolId);
        uint256 word = _load(manager, slot);
        bytes32 liquiditySlot = bytes32(uint256(slot) + LIQUIDITY_OFFSET);
        uint256 liquidity = uint128(_load(manager, liquiditySlot));
        uint256 sqrtPrice = uint160(word);
        uint256 reserve0 = (liquidity << 96) / sqrtPrice;
        uint256 reserve1 = (liquidity * sqrtPrice) >> 96;
        (reserveIn, reserveOut) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 protocolFee = word >> (zeroForOne ? PROTOCOL_FEE_SHIFT : PROTOCOL_FEE_SHIFT + PROTOCOL_FEE_BITS);
        protocolFee &= (1 << PROTOCOL_FEE_BITS) - 1;
        uint256 lpFee = uint24(word >> LP_FEE_SHIFT);
        fee = protocolFee + lpFee - protocolFee * lpFee / FEE_BASE;
    }

    /// @dev The manager looks how much of `token` it has, so as to see what comes until `settle`.
    function sync(address manager, address token) internal {
        try IPoolManager(manager).sync(token) {}
        catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    /// @dev Debits the input and credits the output; nothing is paid yet.
    /// @param amountSpecified Negative: exact input. Positive: exact output.
    /// @return spent What the manager says it takes.
    /// @return amountOut What the manager says that it pays.
    function swapKey(address manager, PoolKey memory key, bool zeroForOne, int256 amountSpecified)
        internal
        returns (uint256 spent, uint256 amountOut)
    {
        uint160 limit = zeroForOne ? MIN_SQRT_PRICE : MAX_SQRT_PRICE;
        try IPoolManager(manager).swap(key, SwapParams(zeroForOne, amountSpecified, limit), "") returns (int256 delta) {
            (int128 paid, int128 got) =
                zeroForOne ? (int128(delta >> 128), int128(delta)) : (int128(delta), int128(delta >> 128));
            // Hooks may have turned either about: they take nothing then, and that is what is said of them.
            spent = paid < 0 ? uint256(-int256(paid)) : 0;
            amountOut = got > 0 ? uint256(int256(got)) : 0;
        } catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    /// @param currency Zero for ether.
    function take(address manager, address currency, address to, uint256 amount) internal {
        try IPoolManager(manager).take(currency, to, amount) {}
        catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    /// @dev Pays the manager in ether, or with what came since its `sync`.
    /// @return paid What the manager saw come.
    // A strike's manager, whose callback it is, gets no ether with it.
    // slither-disable-next-line arbitrary-send-eth
    function settle(address manager, uint256 ether_) internal returns (uint256 paid) {
        try IPoolManager(manager).settle{value: ether_}() returns (uint256 seen) {
            return seen;
        } catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    /// @dev How the manager identifies a pool.
    function _keyOf(AmmPool storage record) private view returns (PoolKey memory) {
        address hooks = record.hasHooks ? record.hooks : address(0);
        return PoolKey(record.token0, record.token1, record.fee, record.tickSpacing, hooks);
    }

    function _keyOf(address tokenIn, address tokenOut, bool zeroForOne, KeyWord word)
        private
        pure
        returns (PoolKey memory)
    {
        (address currency0, address currency1) = zeroForOne ? (tokenIn, tokenOut) : (tokenOut, tokenIn);
        return PoolKey(currency0, currency1, word.fee(), word.tickSpacing(), word.hooks());
    }

    function _requireKept(address pool, address factory, PoolKey memory key) private view returns (bytes32 poolId) {
        if (pool != factory) revert IMarket.PoolNotCanonical(pool, factory);
        poolId = idOf(key);
        if (!isInitialized(pool, poolId)) revert IPools.PoolNotInitialized(poolId);
    }

    function _load(address manager, bytes32 slot) private view returns (uint256) {
        (bool ok, uint256 word,,,) = LibView.ask(manager, IPoolManager.extsload.selector, uint256(slot), 1);
        if (!ok) revert ISwapCallback.CallFailed(manager, LibView.reason());
        return word;
    }

    function _slotOf(bytes32 poolId) private pure returns (bytes32) {
        return keccak256(abi.encode(poolId, POOLS_SLOT));
    }
}
