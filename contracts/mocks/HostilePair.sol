// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ISwapCallback} from "../interfaces/ISwapCallback.sol";

/// @title A pair in the shape of Uniswap V2, and the factory that confirms it, that cheat
/// @dev Pays whatever it is asked for, out of what it holds, and never looks whether it was paid.
contract HostilePair {
    using SafeERC20 for IERC20;

    enum Mode {
        Honest,
        SaysNothing,
        CallsTwice,
        SaysMore,
        NamesAnother,
        CallsAsV3,
        CallsOutFirst
    }

    address public immutable token0;
    address public immutable token1;

    Mode public mode;
    uint112 private reserve0;
    uint112 private reserve1;
    address private target;
    bytes private call;

    event CalledOut(bool ok, bytes result);

    constructor(address token0_, address token1_) {
        (token0, token1) = (token0_, token1_);
    }

    function setReserves(uint112 reserve0_, uint112 reserve1_) external {
        (reserve0, reserve1) = (reserve0_, reserve1_);
    }

    /// @dev The call is made before anything is given, where the mode says so.
    function behave(Mode mode_, address target_, bytes calldata call_) external {
        (mode, target, call) = (mode_, target_, call_);
    }

    function getPair(address, address) external view returns (address) {
        return address(this);
    }

    function getReserves() external view returns (uint112, uint112, uint32) {
        return (reserve0, reserve1, 0);
    }

    /// @dev Calls whatever anyone wants called, in its own name: so that it can speak out of its turn.
    function relay(address target_, bytes calldata call_) external {
        // slither-disable-next-line low-level-calls
        (bool ok, bytes memory result) = target_.call(call_);
        emit CalledOut(ok, result);
    }

    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external {
        if (mode == Mode.CallsOutFirst) this.relay(target, call);
        if (amount0Out != 0) IERC20(token0).safeTransfer(to, amount0Out);
        if (amount1Out != 0) IERC20(token1).safeTransfer(to, amount1Out);
        if (data.length == 0 || mode == Mode.SaysNothing) return;
        address sender = mode == Mode.NamesAnother ? address(this) : msg.sender;
        if (mode == Mode.SaysMore) {
            amount0Out += amount0Out / 100;
            amount1Out += amount1Out / 100;
        }
        if (mode == Mode.CallsAsV3) {
            ISwapCallback(to).uniswapV3SwapCallback(1, -int256(amount0Out + amount1Out), data);
            return;
        }
        ISwapCallback(to).uniswapV2Call(sender, amount0Out, amount1Out, data);
        if (mode == Mode.CallsTwice) ISwapCallback(to).uniswapV2Call(sender, amount0Out, amount1Out, data);
    }
}
