// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {IAMMBot} from "../interfaces/IAMMBot.sol";
import {IAccess} from "../interfaces/IAccess.sol";
import {IPools} from "../interfaces/IPools.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {ITakeover} from "../interfaces/ITakeover.sol";
import {LibCallback} from "../libraries/cycle/LibCallback.sol";
import {LibToken} from "../libraries/venues/LibToken.sol";
import {UniswapV2} from "../libraries/venues/UniswapV2.sol";
import {UniswapV3} from "../libraries/venues/UniswapV3.sol";
import {FEE_BASE, Hop} from "../types/AmmTypes.sol";
import {IFlashTaker} from "./IFlashTaker.sol";

/// @title Takes a strike over with the tokens of a pool
/// @dev Nothing is believed: neither the pool nor the diamond says what was got. What is in the contract before a call
/// pays for nothing, and goes to the owner with the profit. The running order is in transient storage, so that a
/// callback brings nothing along that is used.
contract FlashTaker is IFlashTaker, ReentrancyGuardTransient {
    using SafeCast for uint256;

    /// @inheritdoc IFlashTaker
    address public immutable owner;

    ITakeover private transient _diamond;
    uint256 private transient _strikeId;
    bool private transient _isLong;
    address private transient _tokenIn;
    address private transient _tokenOut;
    uint256 private transient _amountIn;
    /// @dev What a V2 pair delivers and is owed for it; a V3 pool says so when it calls back.
    uint256 private transient _lent;
    uint256 private transient _due;

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
        emit TakenByFlash(address(order.diamond), order.strikeId, order.pool, amountIn, amountOut, profit);
        _sendAll(order.tokenIn);
        _sendAll(order.tokenOut);
    }

    /// @inheritdoc IFlashTaker
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _v3(amount0Delta, amount1Delta);
    }

    /// @inheritdoc IFlashTaker
    function pancakeV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _v3(amount0Delta, amount1Delta);
    }

    /// @inheritdoc IFlashTaker
    function algebraSwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _v3(amount0Delta, amount1Delta);
    }

    /// @inheritdoc IFlashTaker
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        _v2(sender, amount0 + amount1);
    }

    /// @inheritdoc IFlashTaker
    function pancakeCall(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        _v2(sender, amount0 + amount1);
    }

    /// @inheritdoc IFlashTaker
    function hook(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        _v2(sender, amount0 + amount1);
    }

    /// @dev Offers the pool what the takeover yields; the pool delivers first, and calls back for it.
    function _swap(Order calldata order, uint256 amountIn, uint256 amountOut) private {
        (_diamond, _strikeId, _isLong) = (order.diamond, order.strikeId, order.isLong);
        (_tokenIn, _tokenOut, _amountIn) = (order.tokenIn, order.tokenOut, amountIn);
        Hop memory hop;
        (hop.pool, hop.zeroForOne) = (order.pool, order.tokenOut < order.tokenIn);
        // More than that would be negative, which a V3 pool takes for what it is to deliver.
        uint256 due = uint256(amountOut.toInt256());
        if (order.isV2) {
            if (order.fee >= FEE_BASE) revert IPools.InvalidPoolFee(order.pool, order.fee);
            hop.amountOut = UniswapV2.outputOf(hop.pool, hop.zeroForOne, order.fee, due);
            (_lent, _due) = (hop.amountOut, due);
            UniswapV2.lend(hop, address(this));
        } else {
            UniswapV3.lend(hop, due, address(this));
        }
        LibCallback.requireTurnTaken(hop.pool);
    }

    function _v3(int256 amount0Delta, int256 amount1Delta) private {
        _takeTurn(LibCallback.FLASH_V3);
        _takeAndPay(uint256(_tokenOut < _tokenIn ? amount0Delta : amount1Delta));
    }

    function _v2(address sender, uint256 stated) private {
        _takeTurn(LibCallback.FLASH_V2);
        if (sender != address(this)) revert ISwapCallback.UnexpectedInitiator(sender);
        if (stated != _lent) revert ISwapCallback.CallbackAmountMismatch(stated, _lent);
        _takeAndPay(_due);
    }

    /// @dev The order's pool alone, once, and in its own kind's way.
    function _takeTurn(uint256 kind) private {
        if (LibCallback.takeTurn() != kind) revert ISwapCallback.UnexpectedCallback(msg.sender, address(0));
    }

    /// @dev Takes the strike over with what the pool has delivered, and pays the pool with no more than what that yields.
    function _takeAndPay(uint256 owed) private {
        uint256 got = _take();
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
