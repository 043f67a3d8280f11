// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IPoolManager, PoolKey, SwapParams} from "../libraries/venues/UniswapV4.sol";

/// @title Hooks of a real Uniswap V4 pool that cheat at its swaps
/// @dev Their address must say that they are called before and after swaps, and may change both amounts.
contract HostileHook {
    using SafeERC20 for IERC20;

    enum Mode {
        Honest,
        Refuses,
        TakesSpecified,
        TakesUnspecified,
        AddsUnspecified,
        SetsFee,
        Sends,
        CallsOut,
        RefusesExactOutput
    }

    uint24 private constant OVERRIDE_FEE = 0x400000;

    Mode public mode;
    /// @notice How much, in hundredths of a basis point.
    uint24 public share;
    address private target;
    bytes private call;

    event CalledOut(bool ok, bytes result);

    error Refused();

    function behave(Mode mode_, uint24 share_, address target_, bytes calldata call_) external {
        (mode, share, target, call) = (mode_, share_, target_, call_);
    }

    function beforeSwap(address sender, PoolKey calldata key, SwapParams calldata params, bytes calldata)
        external
        returns (bytes4, int256 delta, uint24 fee)
    {
        if (mode == Mode.Refuses) revert Refused();
        if (mode == Mode.RefusesExactOutput && params.amountSpecified > 0) revert Refused();
        if (mode == Mode.CallsOut) _callOut();
        if (mode == Mode.SetsFee) fee = share | OVERRIDE_FEE;
        address specified = _currency(key, params, true);
        if (mode == Mode.Sends) IERC20(specified).safeTransfer(sender, share);
        if (mode == Mode.TakesSpecified) {
            uint256 amount = _part(params.amountSpecified);
            IPoolManager(msg.sender).take(specified, address(this), amount);
            delta = int256(amount) << 128;
        }
        return (this.beforeSwap.selector, delta, fee);
    }

    function afterSwap(address, PoolKey calldata key, SwapParams calldata params, int256 swapped, bytes calldata)
        external
        returns (bytes4, int128)
    {
        if (mode != Mode.TakesUnspecified && mode != Mode.AddsUnspecified) return (this.afterSwap.selector, 0);
        address unspecified = _currency(key, params, false);
        uint256 amount = _part(unspecified == key.currency0 ? swapped >> 128 : int128(swapped));
        if (mode == Mode.TakesUnspecified) {
            IPoolManager(msg.sender).take(unspecified, address(this), amount);
            return (this.afterSwap.selector, int128(int256(amount)));
        }
        IPoolManager(msg.sender).sync(unspecified);
        IERC20(unspecified).safeTransfer(msg.sender, amount);
        IPoolManager(msg.sender).settle();
        return (this.afterSwap.selector, -int128(int256(amount)));
    }

    function _part(int256 amount) private view returns (uint256) {
        return uint256(amount < 0 ? -amount : amount) * share / 1_000_000;
    }

    function _currency(PoolKey calldata key, SwapParams calldata params, bool specified)
        private
        pure
        returns (address)
    {
        bool isInput = (params.amountSpecified < 0) == specified;
        return isInput == params.zeroForOne ? key.currency0 : key.currency1;
    }

    function _callOut() private {
        // slither-disable-next-line low-level-calls
        (bool ok, bytes memory result) = target.call(call);
        emit CalledOut(ok, result);
    }
}
