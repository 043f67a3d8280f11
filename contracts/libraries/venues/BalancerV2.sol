// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAMMBot} from "../../interfaces/IAMMBot.sol";
import {
    BatchSwapStep,
    FundManagement,
    IBalancerFactory,
    IBalancerPool,
    IBalancerVault,
    SingleSwap
} from "../../interfaces/external/IBalancerV2.sol";
import {LibCall} from "./LibCall.sol";
import {LibToken} from "./LibToken.sol";

/// @title Balancer V2: swaps on its vault, which holds what all pools have
/// @dev The vault takes its pay by itself, so that its allowance is exactly that, and none may be left.
library BalancerV2 {
    uint8 private constant GIVEN_IN = 0;
    /// @dev Balancer's fees are in 1e-18, ours in 1e-6.
    uint256 private constant FEE_UNIT = 1e12;

    function vaultOf(address factory) internal view returns (address) {
        return IBalancerFactory(factory).getVault();
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

    /// @return amountOut What the vault says it gave to `to`.
    function swap(address vault, bytes32 poolId, address tokenIn, address tokenOut, uint256 amountIn, address to)
        internal
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

    /// @dev The vault simulates the swap and rolls it back.
    /// @return amountOut What it would give, to the unit.
    function quote(address vault, bytes32 poolId, address tokenIn, address tokenOut, uint256 amountIn)
        internal
        returns (uint256 amountOut)
    {
        BatchSwapStep[] memory steps = new BatchSwapStep[](1);
        steps[0] = BatchSwapStep(poolId, 0, 1, amountIn, "");
        address[] memory assets = new address[](2);
        (assets[0], assets[1]) = (tokenIn, tokenOut);
        FundManagement memory funds = FundManagement(address(this), false, address(this), false);
        try IBalancerVault(vault).queryBatchSwap(GIVEN_IN, steps, assets, funds) returns (int256[] memory deltas) {
            return deltas[1] < 0 ? uint256(-deltas[1]) : 0;
        } catch (bytes memory reason) {
            LibCall.fail(vault, reason);
        }
    }
}
