// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFacet} from "../interfaces/IFacet.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {LibResume} from "../libraries/cycle/LibResume.sol";
import {LibSwap} from "../libraries/strike/LibSwap.sol";

/// @title Callbacks of the venues
contract SwapCallbackFacet is ISwapCallback, IFacet {
    /// @inheritdoc ISwapCallback
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        uint256 kind = LibSwap.takeTurn();
        // One of the two is what the pool gave, and is not positive; the other is what it is owed.
        (int256 owed, int256 gave) = amount0Delta > 0 ? (amount0Delta, amount1Delta) : (amount1Delta, amount0Delta);
        if (kind == LibSwap.PAY) LibSwap.pay(uint256(owed));
        else if (kind == LibSwap.FLASH_V3) LibResume.v3(uint256(owed), uint256(-gave));
        else revert UnexpectedCallback(msg.sender, address(0));
    }

    /// @inheritdoc ISwapCallback
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata) external {
        if (LibSwap.takeTurn() != LibSwap.FLASH_V2) revert UnexpectedCallback(msg.sender, address(0));
        if (sender != address(this)) revert UnexpectedInitiator(sender);
        LibResume.v2(amount0 + amount1);
    }

    /// @inheritdoc ISwapCallback
    function unlockCallback(bytes calldata) external returns (bytes memory result) {
        if (LibSwap.takeTurn() != LibSwap.UNLOCK) revert UnexpectedCallback(msg.sender, address(0));
        LibResume.unlocked();
        return "";
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            ISwapCallback.uniswapV3SwapCallback.selector,
            ISwapCallback.uniswapV2Call.selector,
            ISwapCallback.unlockCallback.selector
        );
    }
}
