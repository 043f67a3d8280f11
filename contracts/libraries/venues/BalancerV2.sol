// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {IMarket} from "../../interfaces/IMarket.sol";
import {IPools} from "../../interfaces/IPools.sol";
import {AmmPool, Hop, PoolConfig} from "../../types/AmmTypes.sol";
import {LibCall} from "./LibCall.sol";
import {LibToken} from "./LibToken.sol";

/// @param kind 0: the amount is what goes in. 1: what comes out.
struct SingleSwap {
    bytes32 poolId;
    uint8 kind;
    address assetIn;
    address assetOut;
    uint256 amount;
    bytes userData;
}

struct BatchSwapStep {
    bytes32 poolId;
    uint256 assetInIndex;
    uint256 assetOutIndex;
    uint256 amount;
    bytes userData;
}

struct FundManagement {
    address sender;
    bool fromInternalBalance;
    address recipient;
    bool toInternalBalance;
}

/// @notice The part of Balancer V2's vault that is needed here.
interface IBalancerVault {
    function swap(SingleSwap memory singleSwap, FundManagement memory funds, uint256 limit, uint256 deadline)
        external
        payable
        returns (uint256 amountCalculated);

    /// @notice Simulates the swaps: always reverts.
    function queryBatchSwap(
        uint8 kind,
        BatchSwapStep[] memory swaps,
        address[] memory assets,
        FundManagement memory funds
    ) external returns (int256[] memory assetDeltas);

    function getPool(bytes32 poolId) external view returns (address pool, uint8 specialization);

    /// @dev The vault returns the block of the last change too.
    function getPoolTokens(bytes32 poolId) external view returns (address[] memory tokens, uint256[] memory balances);

    function getPoolTokenInfo(bytes32 poolId, address token)
        external
        view
        returns (uint256 cash, uint256 managed, uint256 lastChangeBlock, address assetManager);
}

/// @notice The part of Balancer V2's pools that is needed here.
interface IBalancerPool {
    function getPoolId() external view returns (bytes32);

    function getSwapFeePercentage() external view returns (uint256);

    function getNormalizedWeights() external view returns (uint256[] memory);

    function getScalingFactors() external view returns (uint256[] memory);

    /// @dev The pool returns two times too.
    function getPausedState() external view returns (bool paused);

    function getAmplificationParameter() external view returns (uint256 value, bool isUpdating, uint256 precision);
}

/// @notice The part of Balancer V2's pool factories that is needed here.
interface IBalancerFactory {
    function getVault() external view returns (address);

    function isPoolFromFactory(address pool) external view returns (bool);
}

/// @title Balancer V2: swaps on its vault, which holds what all pools have
/// @dev The vault takes its pay by itself, so that its allowance is exactly that, and none may be left.
library BalancerV2 {
    uint8 private constant GIVEN_IN = 0;
    /// @dev Balancer's fees are in 1e-18, ours in 1e-6.
    uint256 private constant FEE_UNIT = 1e12;
    /// @dev Weighted pools take no more than 30 % of what they have.
    uint256 private constant MAX_BALANCE_SHARE = 4;

    /// @param weighted Whether the pool must be a weighted one: a stable one else.
    function describe(PoolConfig calldata config, AmmPool memory record, bool weighted) internal view {
        record.vault = IBalancerFactory(config.factory).getVault();
        bool isKind = isCanonical(config.factory, record.vault, config.pool)
            && (weighted ? isWeighted(config.pool) : isStable(config.pool));
        if (!isKind) revert IMarket.PoolNotCanonical(config.pool, config.factory);
        record.poolId = poolIdOf(config.pool);
        bool trades_ = config.token0 < config.token1 && trades(record.vault, record.poolId, config.token0)
            && trades(record.vault, record.poolId, config.token1);
        if (!trades_) revert IPools.InvalidPoolTokens(config.pool, config.token0, config.token1);
        (record.token0, record.token1) = (config.token0, config.token1);
        record.fee = feeOf(config.pool);
    }

    /// @dev Swaps an input that the diamond has.
    /// @param balanceBefore Of the input at the diamond before it came.
    function swap(
        Hop memory hop,
        AmmPool storage record,
        address tokenOut,
        uint256 amount,
        uint256 balanceBefore,
        address to
    ) internal returns (uint256 amountOut) {
        amountOut = _swap(record.vault, record.poolId, hop.tokenIn, tokenOut, amount, to);
        LibToken.requireSpent(hop.tokenIn, balanceBefore, amount);
    }

    /// @dev The curve out = b x / (a + x) through two of the pool's own answers y1 and y2, at half of `amount` and at
    /// `amount`: a = 2 x (y2 - y1) / (2 y1 - y2), b = y1 (a + x) / x.
    function fitted(Hop memory hop, AmmPool storage record, address tokenOut, uint256 amount)
        internal
        returns (uint256 a, uint256 b)
    {
        uint256 maxAmount = balanceOf(record.vault, record.poolId, hop.tokenIn) / MAX_BALANCE_SHARE;
        // The odd unit that this loses is lost of both.
        // slither-disable-next-line divide-before-multiply
        uint256 x = FixedPointMathLib.min(amount, maxAmount) / 2;
        if (x == 0) return (0, 0);
        uint256 y1 = quote(record, hop.tokenIn, tokenOut, x);
        uint256 y2 = quote(record, hop.tokenIn, tokenOut, 2 * x);
        // A straight line, as far as units can tell, has no peak: as good as one far out.
        uint256 bend = 2 * y1 > y2 ? 2 * y1 - y2 : 1;
        a = FixedPointMathLib.fullMulDiv(2 * x, FixedPointMathLib.zeroFloorSub(y2, y1), bend);
        b = FixedPointMathLib.fullMulDiv(y1, a + x, x);
    }

    /// @dev The factory must have made the pool, and the vault know it as what it says it is.
    function isCanonical(address factory, address vault, address pool) internal view returns (bool) {
        if (!IBalancerFactory(factory).isPoolFromFactory(pool)) return false;
        (address known,) = IBalancerVault(vault).getPool(poolIdOf(pool));
        return known == pool;
    }

    function isWeighted(address pool) internal view returns (bool) {
        try IBalancerPool(pool).getNormalizedWeights() returns (uint256[] memory) {
            return true;
        } catch {
            return false;
        }
    }

    function isStable(address pool) internal view returns (bool) {
        try IBalancerPool(pool).getAmplificationParameter() returns (uint256, bool, uint256) {
            return true;
        } catch {
            return false;
        }
    }

    function poolIdOf(address pool) internal view returns (bytes32) {
        return IBalancerPool(pool).getPoolId();
    }

    /// @return Hundredths of a basis point, rounded down.
    function feeOf(address pool) internal view returns (uint24) {
        return uint24(IBalancerPool(pool).getSwapFeePercentage() / FEE_UNIT);
    }

    /// @return Whether the pool trades `token`. Its own share of the pool, which some pools list, is none of its tokens.
    function trades(address vault, bytes32 poolId, address token) internal view returns (bool) {
        if (token == address(bytes20(poolId))) return false;
        try IBalancerVault(vault).getPoolTokenInfo(poolId, token) returns (uint256, uint256, uint256, address) {
            return true;
        } catch {
            return false;
        }
    }

    function balanceOf(address vault, bytes32 poolId, address token) internal view returns (uint256 cash) {
        (cash,,,) = IBalancerVault(vault).getPoolTokenInfo(poolId, token);
    }

    /// @dev The vault simulates the swap and rolls it back.
    /// @return amountOut What it would give, to the unit.
    function quote(AmmPool storage record, address tokenIn, address tokenOut, uint256 amountIn)
        internal
        returns (uint256 amountOut)
    {
        BatchSwapStep[] memory steps = new BatchSwapStep[](1);
        steps[0] = BatchSwapStep(record.poolId, 0, 1, amountIn, "");
        address[] memory assets = new address[](2);
        (assets[0], assets[1]) = (tokenIn, tokenOut);
        FundManagement memory funds = FundManagement(address(this), false, address(this), false);
        address vault = record.vault;
        try IBalancerVault(vault).queryBatchSwap(GIVEN_IN, steps, assets, funds) returns (int256[] memory deltas) {
            return deltas[1] < 0 ? uint256(-deltas[1]) : 0;
        } catch (bytes memory reason) {
            LibCall.fail(vault, reason);
        }
    }

    /// @return amountOut What the vault says it gave to `to`.
    function _swap(address vault, bytes32 poolId, address tokenIn, address tokenOut, uint256 amountIn, address to)
        private
        returns (uint256 amountOut)
    {
        LibToken.approve(tokenIn, vault, amountIn);
        SingleSwap memory wanted = SingleSwap(poolId, GIVEN_IN, tokenIn, tokenOut, amountIn, "");
        FundManagement memory funds = FundManagement(address(this), false, to, false);
        try IBalancerVault(vault).swap(wanted, funds, 1, block.timestamp) returns (uint256 amount) {
            amountOut = amount;
        } catch (bytes memory reason) {
            LibCall.fail(vault, reason);
        }
        uint256 left = LibToken.allowance(tokenIn, vault);
        if (left != 0) revert IAMMBot.ApprovalLeft(tokenIn, vault, left);
    }
}
