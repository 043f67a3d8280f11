// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IUniswapV3Pool} from "../libraries/venues/UniswapV3.sol";

/// @notice What a liquidity provider needs of a Uniswap V3 pool.
interface IUniswapV3Liquidity {
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data)
        external
        returns (uint256 amount0, uint256 amount1);

    function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);
}

/// @title Brings one Uniswap V3 pool to a price and a liquidity, exactly: how a replay follows recorded minutes
/// @dev For local chains: it pays with tokens of its own and refuses all but its maker. One position over the whole
/// range; what it withdraws stays in the pool as owed to it.
contract MarketDriver {
    using SafeERC20 for IERC20;

    error NotMaker(address sender);
    error NotPool(address sender);

    address private immutable maker = msg.sender;
    IUniswapV3Pool private immutable pool;
    IERC20 private immutable token0;
    IERC20 private immutable token1;
    int24 private immutable range;

    /// @param range_ The last tick that the pool's spacing divides.
    constructor(IUniswapV3Pool pool_, int24 range_) {
        pool = pool_;
        token0 = IERC20(pool_.token0());
        token1 = IERC20(pool_.token1());
        range = range_;
    }

    /// @dev The maker says where the pool stands, which it knows: to ask would take a tenth of a replay's time. A wrong
    /// `from` on the other side of `to` reverts in the pool.
    /// @param from The price now.
    /// @param to Where it goes, by one swap at the liquidity before.
    /// @param more What is then added to the liquidity in range; negative: taken away.
    function follow(uint160 from, uint160 to, int128 more) external {
        if (msg.sender != maker) revert NotMaker(msg.sender);
        // As much out as there is up to `to`: of an amount in, the pool would reckon the fee first.
        if (from != to) pool.swap(address(this), to < from, type(int256).min + 1, to, "");
        IUniswapV3Liquidity provided = IUniswapV3Liquidity(address(pool));
        if (more > 0) provided.mint(address(this), -range, range, uint128(more), "");
        else if (more < 0) provided.burn(-range, range, uint128(-more));
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        if (msg.sender != address(pool)) revert NotPool(msg.sender);
        if (amount0 > 0) token0.safeTransfer(msg.sender, uint256(amount0));
        else token1.safeTransfer(msg.sender, uint256(amount1));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        if (msg.sender != address(pool)) revert NotPool(msg.sender);
        token0.safeTransfer(msg.sender, amount0);
        token1.safeTransfer(msg.sender, amount1);
    }
}
