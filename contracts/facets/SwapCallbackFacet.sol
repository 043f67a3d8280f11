// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFacet} from "../interfaces/IFacet.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {LibResume} from "../libraries/cycle/LibResume.sol";
import {LibCallback} from "../libraries/cycle/LibCallback.sol";
import {LibSwap} from "../libraries/strike/LibSwap.sol";

/// @title Callbacks of the venues
contract SwapCallbackFacet is ISwapCallback, IFacet {
    /// @inheritdoc ISwapCallback
    /// @dev Where the pool only has to be paid, the diamond itself has answered already.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _v3(amount0Delta, amount1Delta);
    }

    /// @inheritdoc ISwapCallback
    function pancakeV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _v3(amount0Delta, amount1Delta);
    }

    /// @inheritdoc ISwapCallback
    function algebraSwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _v3(amount0Delta, amount1Delta);
    }

    /// @inheritdoc ISwapCallback
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        _v2(sender, amount0 + amount1);
    }

    /// @inheritdoc ISwapCallback
    function pancakeCall(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        _v2(sender, amount0 + amount1);
    }

    /// @inheritdoc ISwapCallback
    function hook(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        _v2(sender, amount0 + amount1);
    }

    /// @inheritdoc ISwapCallback
    function unlockCallback(bytes calldata) external returns (bytes memory result) {
        uint256 kind = LibCallback.takeTurn();
        if (kind == LibCallback.UNLOCK) LibResume.unlocked();
        else if (kind == LibCallback.TRADE) LibSwap.unlocked();
        else revert UnexpectedCallback(msg.sender, address(0));
        return "";
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            ISwapCallback.uniswapV3SwapCallback.selector,
            ISwapCallback.pancakeV3SwapCallback.selector,
            ISwapCallback.algebraSwapCallback.selector,
            ISwapCallback.uniswapV2Call.selector,
            ISwapCallback.pancakeCall.selector,
            ISwapCallback.hook.selector,
            ISwapCallback.unlockCallback.selector
        );
    }

    function _v3(int256 amount0, int256 amount1) private {
        uint256 kind = LibCallback.takeTurn();
        // One of the two is what the pool delivered, and is not positive; the other is what it is owed.
        (int256 owed, int256 delivered) = amount0 > 0 ? (amount0, amount1) : (amount1, amount0);
        if (kind == LibCallback.PAY) LibCallback.pay(uint256(owed));
        else if (kind == LibCallback.FLASH_V3) LibResume.v3(uint256(owed), uint256(-delivered));
        else _refuse(kind);
    }

    function _v2(address sender, uint256 amount) private {
        uint256 kind = LibCallback.takeTurn();
        if (kind != LibCallback.FLASH_V2) _refuse(kind);
        if (sender != address(this)) revert UnexpectedInitiator(sender);
        LibResume.v2(amount);
    }

    function _refuse(uint256 kind) private view {
        if (kind == LibCallback.PROBE) revert CallbackProbed();
        revert UnexpectedCallback(msg.sender, address(0));
    }
}
