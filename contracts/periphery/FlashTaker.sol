// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {IAMMBot} from "../interfaces/IAMMBot.sol";
import {IAccess} from "../interfaces/IAccess.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {ITakeover} from "../interfaces/ITakeover.sol";
import {LibToken} from "../libraries/venues/LibToken.sol";
import {IFlashTaker} from "./IFlashTaker.sol";

/// @title Takes a strike over with the tokens of a pool
/// @dev Nothing is believed: neither the pool nor the diamond says what was got. What is in the contract before a call
/// pays for nothing, and goes to the owner with the profit. The running order is in transient storage, so that a
/// callback brings nothing along that is used.
contract FlashTaker is IFlashTaker, ReentrancyGuardTransient {
    using SafeCast for uint256;

    /// @dev A V3 pool's own price bounds, one inside: no limit but the profit.
    uint160 private constant MIN_SQRT_RATIO = 4295128740;
    uint160 private constant MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970341;

    /// @inheritdoc IFlashTaker
    address public immutable owner;

    /// @dev The pool that may call back; zero before and after it has.
    address private transient _pool;
    ITakeover private transient _diamond;
    uint256 private transient _strikeId;
    bool private transient _isLong;
    address private transient _tokenIn;
    address private transient _tokenOut;
    uint256 private transient _amountIn;

    constructor(address owner_) {
        if (owner_ == address(0)) revert IAccess.ZeroAddress();
        owner = owner_;
    }

    /// @inheritdoc IFlashTaker
    function take(Order calldata order) external nonReentrant returns (uint256 profit) {
        if (msg.sender != owner) revert IAccess.NotOwner(msg.sender, owner);
        (bool takeable, uint256 opensAt, uint256 amountIn, uint256 amountOut) = order.diamond.quoteTake(order.strikeId);
        if (!takeable) revert ITakeover.StrikeNotTakeable(order.strikeId, opensAt);
        uint256 balanceBefore = SafeTransferLib.balanceOf(order.tokenIn, address(this));
        _swap(order, amountIn, amountOut);
        uint256 balance = SafeTransferLib.balanceOf(order.tokenIn, address(this));
        profit = FixedPointMathLib.zeroFloorSub(balance, balanceBefore);
        if (balance < balanceBefore || profit < order.minProfit) {
            revert IAMMBot.NotProfitable(amountIn, int256(balance) - int256(balanceBefore), order.minProfit);
        }
        emit TakenByFlash(address(order.diamond), order.strikeId, address(order.pool), amountIn, amountOut, profit);
        _sendAll(order.tokenIn);
        _sendAll(order.tokenOut);
    }

    /// @inheritdoc IFlashTaker
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _onSwap(amount0Delta, amount1Delta);
    }

    /// @inheritdoc IFlashTaker
    function pancakeV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _onSwap(amount0Delta, amount1Delta);
    }

    /// @inheritdoc IFlashTaker
    function algebraSwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _onSwap(amount0Delta, amount1Delta);
    }

    /// @dev Offers the pool what the takeover yields; the pool delivers first, and calls back for it.
    function _swap(Order calldata order, uint256 amountIn, uint256 amountOut) private {
        (_diamond, _strikeId, _isLong) = (order.diamond, order.strikeId, order.isLong);
        (_tokenIn, _tokenOut, _amountIn) = (order.tokenIn, order.tokenOut, amountIn);
        _pool = address(order.pool);
        bool zeroForOne = order.tokenOut < order.tokenIn;
        uint160 limit = zeroForOne ? MIN_SQRT_RATIO : MAX_SQRT_RATIO;
        order.pool.swap(address(this), zeroForOne, amountOut.toInt256(), limit, "");
        if (_pool != address(0)) revert ISwapCallback.CallbackMissing(address(order.pool));
    }

    /// @dev Takes the strike over with what the pool has delivered, and pays the pool with no more than what that yields.
    function _onSwap(int256 amount0Delta, int256 amount1Delta) private {
        if (msg.sender != _pool) revert ISwapCallback.UnexpectedCallback(msg.sender, _pool);
        _pool = address(0);
        uint256 got = _take();
        uint256 owed = uint256(_tokenOut < _tokenIn ? amount0Delta : amount1Delta);
        if (owed > got) revert ISwapCallback.CallbackAmountExceeded(owed, got);
        LibToken.transfer(_tokenOut, msg.sender, owed);
    }

    /// @return got Raw units of the token out that came.
    function _take() private returns (uint256 got) {
        (ITakeover diamond, address tokenIn, address tokenOut) = (_diamond, _tokenIn, _tokenOut);
        uint256 balanceBefore = SafeTransferLib.balanceOf(tokenOut, address(this));
        LibToken.approve(tokenIn, address(diamond), _amountIn);
        // The allowance, what is owed to the pool, and the profit are the limits.
        diamond.takeStrike(_strikeId, _isLong ? type(uint256).max : 0);
        got = FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(tokenOut, address(this)), balanceBefore);
        if (LibToken.allowance(tokenIn, address(diamond)) != 0) LibToken.approve(tokenIn, address(diamond), 0);
    }

    function _sendAll(address token) private {
        uint256 balance = SafeTransferLib.balanceOf(token, address(this));
        if (balance != 0) LibToken.transfer(token, owner, balance);
    }
}
