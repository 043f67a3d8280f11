// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibAmm} from "../libraries/cycle/LibAmm.sol";
import {LibArbitrage} from "../libraries/cycle/LibArbitrage.sol";
import {LibFlash} from "../libraries/cycle/LibFlash.sol";
import {LibPlan} from "../libraries/cycle/LibPlan.sol";
import {LibSize} from "../libraries/cycle/LibSize.sol";
import {AmmStorage} from "../libraries/storage/AmmStorage.sol";
import {ArbitrageOrder, Hop} from "../types/AmmTypes.sol";

/// @title The parts of an arbitrage that call no pool, or only ask one
contract CycleProbe {
    /// @dev Of the pool with this id: what a Balancer vault knows it as.
    function setPool(uint32 id, address vault, bytes32 poolId) external {
        AmmStorage.Layout storage l = AmmStorage.load();
        (l.pools[id].vault, l.pools[id].poolId) = (vault, poolId);
    }

    function best(Hop[] calldata hops, uint256 maxAmount) external returns (uint256 amount) {
        return LibSize.best(hops, maxAmount);
    }

    function flashHopOf(Hop[] calldata hops) external pure returns (uint256) {
        return LibFlash.flashHopOf(hops);
    }

    function requireProfit(LibPlan.Plan calldata plan, uint256 back) external pure {
        LibFlash.requireProfit(plan, back);
    }

    /// @return plan As it is after it was stored.
    /// @return hops As `plan`.
    function kept(LibPlan.Plan calldata plan_, Hop[] calldata hops_)
        external
        returns (LibPlan.Plan memory plan, Hop[] memory hops)
    {
        LibPlan.store(plan_, hops_);
        return LibPlan.load();
    }

    function quoted(ArbitrageOrder calldata order, bytes calldata outcome)
        external
        pure
        returns (uint256 amountIn, int256 profit)
    {
        return LibArbitrage.quoted(order, outcome);
    }

    // The books of a token

    function setBook(address token, AmmStorage.Book calldata record) external {
        AmmStorage.load().books[token] = record;
    }

    function bookOf(address token) external view returns (AmmStorage.Book memory record, uint256 capital) {
        return (AmmStorage.load().books[token], LibAmm.capitalOf(token));
    }

    function book(address token, uint256 amountIn, uint256 profit) external {
        LibAmm.book(token, amountIn, profit);
    }

    function maxSizeOf(address token) external view returns (uint256) {
        return LibAmm.maxSizeOf(token);
    }

    function requireUnderCap(address token, uint256 amountIn) external view returns (bool isQuote) {
        return LibAmm.requireUnderCap(token, amountIn);
    }
}
