// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {PoolKey, SwapParams} from "../libraries/venues/UniswapV4.sol";

/// @title A manager in the shape of Uniswap V4's that cheats
/// @dev Trades any two tokens at a price that anyone sets, out of what it holds, and keeps no accounts.
contract HostileManager {
    using SafeERC20 for IERC20;

    enum Mode {
        Honest,
        SaysNothing,
        CallsTwice,
        CallsWithin,
        PaysLess,
        PaysMore,
        TakesLess,
        SawLess,
        CallsOut,
        CallsOutFirst
    }

    Mode public mode;
    /// @notice Token1 for a token0, times 2^96.
    uint256 public priceX96;
    address private synced;
    uint256 private balanceBefore;
    address private target;
    bytes private call;

    event CalledOut(bool ok, bytes result);

    error Refused();

    constructor(uint256 priceX96_) payable {
        priceX96 = priceX96_;
    }

    receive() external payable {}

    function setPrice(uint256 priceX96_) external {
        priceX96 = priceX96_;
    }

    /// @dev The call is made before a swap and before ether is given, or before the callback, where the mode says so;
    /// with a wei along if it is none.
    function behave(Mode mode_, address target_, bytes calldata call_) external {
        (mode, target, call) = (mode_, target_, call_);
    }

    /// @dev Calls whatever anyone wants called, in its own name, with a wei along if that is nothing: so that it can
    /// speak out of its turn.
    function relay(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
        _callOut();
    }

    function unlock(bytes calldata data) external returns (bytes memory result) {
        if (mode == Mode.SaysNothing) return "";
        if (mode == Mode.CallsOutFirst) _callOut();
        result = ISwapCallback(msg.sender).unlockCallback(data);
        if (mode == Mode.CallsTwice) return ISwapCallback(msg.sender).unlockCallback(data);
    }

    function swap(PoolKey calldata, SwapParams calldata params, bytes calldata) external returns (int256 delta) {
        if (mode == Mode.CallsWithin) ISwapCallback(msg.sender).unlockCallback("");
        if (mode == Mode.CallsOut) _callOut();
        (uint256 paid, uint256 got) = _amounts(params);
        if (mode == Mode.TakesLess) paid -= paid / 100;
        (int256 amount0, int256 amount1) =
            params.zeroForOne ? (-int256(paid), int256(got)) : (int256(got), -int256(paid));
        return (amount0 << 128) | int256(uint256(uint128(int128(amount1))));
    }

    function _amounts(SwapParams calldata params) private view returns (uint256 paid, uint256 got) {
        bool exactIn = params.amountSpecified < 0;
        uint256 amount = uint256(exactIn ? -params.amountSpecified : params.amountSpecified);
        uint256 other = params.zeroForOne == exactIn ? amount * priceX96 >> 96 : (amount << 96) / priceX96;
        return exactIn ? (amount, other) : (other, amount);
    }

    function sync(address currency) external {
        synced = currency;
        if (currency != address(0)) balanceBefore = IERC20(currency).balanceOf(address(this));
    }

    function take(address currency, address to, uint256 amount) external {
        if (mode == Mode.PaysLess) amount -= amount / 100;
        if (mode == Mode.PaysMore) amount += 1;
        if (currency != address(0)) {
            IERC20(currency).safeTransfer(to, amount);
            return;
        }
        if (mode == Mode.CallsOut) _callOut();
        // slither-disable-next-line low-level-calls,arbitrary-send-eth
        (bool ok,) = to.call{value: amount}("");
        if (!ok) revert Refused();
    }

    function settle() external payable returns (uint256 paid) {
        paid = synced == address(0) ? msg.value : IERC20(synced).balanceOf(address(this)) - balanceBefore;
        synced = address(0);
        if (mode == Mode.SawLess) paid -= paid / 100;
    }

    /// @dev Every pool has a price, if only anyone asks whether it has one.
    function extsload(bytes32) external pure returns (bytes32) {
        return bytes32(uint256(1 << 96));
    }

    function _callOut() private {
        // slither-disable-next-line low-level-calls,arbitrary-send-eth
        (bool ok, bytes memory result) = target.call{value: call.length == 0 ? 1 : 0}(call);
        emit CalledOut(ok, result);
    }
}
