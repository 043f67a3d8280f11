// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISwapCallback} from "../../interfaces/ISwapCallback.sol";
import {IPoolManager, PoolKey, SwapParams} from "../../interfaces/external/IUniswapV4.sol";
import {LibCall} from "./LibCall.sol";
import {LibView} from "./LibView.sol";

/// @title Uniswap V4: swaps on its manager, which keeps accounts while it is unlocked
library UniswapV4 {
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
    uint256 private constant FEE_BASE = 1_000_000;

    function idOf(PoolKey memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(key));
    }

    function isInitialized(address manager, bytes32 poolId) internal view returns (bool) {
        return uint160(_load(manager, _slotOf(poolId))) != 0;
    }

    /// @dev The manager calls back, and wants every account even by the end of that.
    function unlock(address manager) internal {
        try IPoolManager(manager).unlock("") {}
        catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    /// @dev Debits the input and credits the output; nothing is paid yet.
    /// @return spent What the manager says it takes.
    /// @return amountOut What the manager says it gives.
    function swap(address manager, PoolKey memory key, bool zeroForOne, uint256 amountIn)
        internal
        returns (uint256 spent, uint256 amountOut)
    {
        uint160 limit = zeroForOne ? MIN_SQRT_PRICE : MAX_SQRT_PRICE;
        try IPoolManager(manager).swap(key, SwapParams(zeroForOne, -int256(amountIn), limit), "") returns (
            int256 delta
        ) {
            (int128 paid, int128 got) =
                zeroForOne ? (int128(delta >> 128), int128(delta)) : (int128(delta), int128(delta >> 128));
            // Hooks may have turned either about: they take nothing then, and that is what is said of them.
            spent = paid < 0 ? uint256(-int256(paid)) : 0;
            amountOut = got > 0 ? uint256(int256(got)) : 0;
        } catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    /// @dev The manager looks how much of `token` it has, so as to see what comes until `settle`.
    function sync(address manager, address token) internal {
        try IPoolManager(manager).sync(token) {}
        catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    /// @return paid What the manager saw come.
    function settle(address manager) internal returns (uint256 paid) {
        return _settle(manager, 0);
    }

    function settleEther(address manager, uint256 amount) internal {
        _settle(manager, amount);
    }

    /// @param currency Zero for ether.
    function take(address manager, address currency, address to, uint256 amount) internal {
        try IPoolManager(manager).take(currency, to, amount) {}
        catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
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

    function _settle(address manager, uint256 ether_) private returns (uint256 paid) {
        try IPoolManager(manager).settle{value: ether_}() returns (uint256 seen) {
            return seen;
        } catch (bytes memory reason) {
            LibCall.fail(manager, reason);
        }
    }

    function _load(address manager, bytes32 slot) private view returns (uint256) {
        (bool ok, uint256[5] memory answer) = LibView.ask(manager, IPoolManager.extsload.selector, uint256(slot), 1);
        if (!ok) revert ISwapCallback.CallFailed(manager, LibView.reason());
        return answer[0];
    }

    function _slotOf(bytes32 poolId) private pure returns (bytes32) {
        return keccak256(abi.encode(poolId, POOLS_SLOT));
    }
}
