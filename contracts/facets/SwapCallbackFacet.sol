// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFacet} from "../interfaces/IFacet.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {LibSwap} from "../libraries/LibSwap.sol";

/// @title Callbacks of the venues
contract SwapCallbackFacet is ISwapCallback, IFacet {
    /// @inheritdoc ISwapCallback
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        // One of the two is what the pool gave, and is not positive; the other is what it is owed.
        LibSwap.pay(uint256(amount0Delta > 0 ? amount0Delta : amount1Delta));
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(ISwapCallback.uniswapV3SwapCallback.selector);
    }
}
