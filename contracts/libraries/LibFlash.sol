// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {IAMMBot} from "../interfaces/IAMMBot.sol";
import {ISwapCallback} from "../interfaces/ISwapCallback.sol";
import {Hop} from "../types/AmmTypes.sol";
import {Venue} from "../types/MarketTypes.sol";
import {LibSwap} from "./LibSwap.sol";
import {UniswapV2} from "./venues/UniswapV2.sol";
import {UniswapV3} from "./venues/UniswapV3.sol";

/// @title A cycle of swaps without capital: one pool gives first and is paid last
/// @dev The first V3 pool of the cycle, or the last pool where all are V2, gives its output first: the *flash*. In its
/// callback the hops behind it run (the *tail*), until there is the token that the cycle starts in. That pays the hops
/// before the flash (the *lead*), all V2, whose amounts follow from their reserves; the last of them pays the flash. V2
/// pairs are paid by the pool before them directly, so that most tokens never pass through the diamond. Those that do
/// are measured.
///
/// The callback is another call frame: what it has to know is in transient storage, written before the flash and never
/// taken from the pool.
library LibFlash {
    using SafeERC20 for IERC20;
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.Uint256Slot;

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.transient.Arbitrage")) - 1)) & ~bytes32(uint256(0xff))
    uint256 private constant PLAN = 0x72ef6544dfe5aa0c780dd89f5679eda2fa57a07b533d061a4615e0286ccd0200;
    uint256 private constant RESULT = PLAN + 6;
    uint256 private constant HOPS = PLAN + 8;
    /// @dev Words of a hop: the pool and how it is used; the token that it takes; what it gives. Of the last two only
    /// those are there that the callback needs.
    uint256 private constant HOP_WORDS = 3;
    uint256 private constant TOKEN_WORD = 1;
    uint256 private constant GIVES_WORD = 2;

    uint256 private constant FEE_SHIFT = 160;
    uint256 private constant VENUE_SHIFT = 184;
    uint256 private constant DIRECTION_SHIFT = 192;
    uint256 private constant FLASH_SHIFT = 8;

    /// @param held Of the first token before anything moved.
    /// @param passing Of the token in which the flash is at the diamond, before it came.
    /// @param count Hops.
    /// @param flash Which hop gives first.
    struct Plan {
        address tokenIn;
        uint256 amountIn;
        uint256 minProfit;
        uint256 held;
        uint256 passing;
        uint256 count;
        uint256 flash;
    }

    /// @dev Runs the cycle, or fails.
    /// @return profit Measured.
    function run(Hop[] memory hops, uint256 amountIn, uint256 minProfit) internal returns (uint256 profit) {
        Plan memory plan;
        plan.tokenIn = hops[0].tokenIn;
        plan.amountIn = amountIn;
        plan.minProfit = minProfit;
        plan.held = _balance(plan.tokenIn);
        plan.count = hops.length;
        while (plan.flash < plan.count - 1 && hops[plan.flash].venue == Venue.UniswapV2) ++plan.flash;
        uint256 due = _storeHops(hops, plan);
        _storePlan(plan);
        _flash(hops, plan.flash, due);
        profit = _load(RESULT) - amountIn;
        uint256 measured = _balance(plan.tokenIn);
        // That the balance was read before the swaps is what makes this a measure. All that trades is guarded.
        // slither-disable-next-line reentrancy-balance
        if (measured != plan.held + profit) {
            revert IAMMBot.ProfitMismatch(plan.tokenIn, measured, plan.held + profit);
        }
    }

    /// @dev A V3 pool's callback: it gave `gave` first and is owed `owed`.
    function resumeV3(uint256 owed, uint256 gave) internal {
        Plan memory plan = _loadPlan();
        uint256 due = plan.flash == 0 ? plan.amountIn : _load(_slot(plan.flash - 1) + GIVES_WORD);
        if (owed < due) revert ISwapCallback.PartialFill(owed, due);
        if (owed > due) revert ISwapCallback.CallbackAmountExceeded(owed, due);
        _resume(plan, gave);
    }

    /// @dev A V2 pair's callback: it gave `gave` first.
    function resumeV2(uint256 gave) internal {
        Plan memory plan = _loadPlan();
        uint256 expected = _load(_slot(plan.flash) + GIVES_WORD);
        if (gave != expected) revert ISwapCallback.CallbackAmountMismatch(gave, expected);
        _resume(plan, gave);
    }

    function _flash(Hop[] memory hops, uint256 index, uint256 due) private {
        Hop memory hop = hops[index];
        if (hop.venue == Venue.UniswapV3) {
            LibSwap.expectFlash(hop.pool, LibSwap.FLASH_V3);
            bool direct = index + 1 < hops.length && hops[index + 1].venue == Venue.UniswapV2;
            UniswapV3.swapTo(hop.pool, direct ? hops[index + 1].pool : address(this), hop.zeroForOne, due);
        } else {
            LibSwap.expectFlash(hop.pool, LibSwap.FLASH_V2);
            // A pair calls back where there is data, whatever it is.
            uint256 gives = _load(_slot(index) + GIVES_WORD);
            UniswapV2.take(hop.pool, hop.zeroForOne, gives, address(this), hex"00");
        }
        LibSwap.requireTurnTaken(hop.pool);
    }

    function _resume(Plan memory plan, uint256 gave) private {
        uint256 back = _tail(plan, gave);
        if (back < plan.amountIn || back - plan.amountIn < plan.minProfit || back == plan.amountIn) {
            revert IAMMBot.NotProfitable(plan.amountIn, int256(back) - int256(plan.amountIn), plan.minProfit);
        }
        _store(RESULT, back);
        _payLead(plan);
    }

    /// @dev The hops behind the flash, each on what the one before gave.
    /// @return amount What came back of the first token.
    function _tail(Plan memory plan, uint256 amount) private returns (uint256) {
        uint256 last = plan.count - 1;
        bool here = plan.flash == last;
        uint256 next = here ? 0 : _load(_slot(plan.flash + 1));
        uint256 held = here ? plan.held : plan.passing;
        address token = here ? plan.tokenIn : _tokenOf(plan.flash + 1);
        if (here || _venue(next) != Venue.UniswapV2) _requireArrived(token, held, amount);
        for (uint256 i = plan.flash + 1; i <= last; ++i) {
            uint256 hop = next;
            next = i == last ? 0 : _load(_slot(i + 1));
            here = i == last || _venue(next) != Venue.UniswapV2;
            uint256 heldIn = held;
            address tokenIn = token;
            if (here) {
                token = i == last ? plan.tokenIn : _tokenOf(i + 1);
                held = i == last ? plan.held : _balance(token);
            }
            amount = _hop(hop, tokenIn, heldIn, amount, here ? address(this) : address(uint160(next)));
            if (here) _requireArrived(token, held, amount);
        }
        return amount;
    }

    /// @param heldIn Of the token that a V3 pool takes, before it came to the diamond.
    /// @return gives What the pool says it gave.
    function _hop(uint256 hop, address tokenIn, uint256 heldIn, uint256 amount, address to)
        private
        returns (uint256 gives)
    {
        address pool = address(uint160(hop));
        bool zeroForOne = (hop >> DIRECTION_SHIFT) & 1 == 1;
        if (_venue(hop) == Venue.UniswapV2) {
            gives = UniswapV2.outputOf(pool, zeroForOne, uint24(hop >> FEE_SHIFT), amount);
            UniswapV2.take(pool, zeroForOne, gives, to, "");
            return gives;
        }
        LibSwap.expectPay(pool, tokenIn, amount);
        gives = UniswapV3.swapTo(pool, to, zeroForOne, amount);
        LibSwap.requireTurnTaken(pool);
        uint256 spent = FixedPointMathLib.zeroFloorSub(heldIn + amount, _balance(tokenIn));
        if (spent != amount) revert ISwapCallback.PartialFill(spent, amount);
    }

    /// @dev Pays the flash: with the first token itself, or by way of the lead.
    function _payLead(Plan memory plan) private {
        address pool = address(uint160(_load(_slot(0))));
        IERC20(plan.tokenIn).safeTransfer(pool, plan.amountIn);
        for (uint256 i; i < plan.flash; ++i) {
            uint256 hop = _load(_slot(i));
            address to = address(uint160(_load(_slot(i + 1))));
            uint256 gives = _load(_slot(i) + GIVES_WORD);
            UniswapV2.take(address(uint160(hop)), (hop >> DIRECTION_SHIFT) & 1 == 1, gives, to, "");
        }
    }

    function _requireArrived(address token, uint256 held, uint256 stated) private view {
        uint256 measured = FixedPointMathLib.zeroFloorSub(_balance(token), held);
        if (measured != stated) revert ISwapCallback.UnfaithfulToken(token, measured, stated);
    }

    /// @dev What the callback will need of each hop. Works out what the lead gives, and a V2 flash.
    /// @return amount What the flash is due.
    function _storeHops(Hop[] memory hops, Plan memory plan) private returns (uint256 amount) {
        amount = plan.amountIn;
        for (uint256 i; i < plan.count; ++i) {
            Hop memory hop = hops[i];
            uint256 slot = _slot(i);
            _store(
                slot,
                uint160(hop.pool) | (uint256(hop.fee) << FEE_SHIFT) | (uint256(hop.venue) << VENUE_SHIFT)
                    | (uint256(hop.zeroForOne ? 1 : 0) << DIRECTION_SHIFT)
            );
            bool isV2 = hop.venue == Venue.UniswapV2;
            if (i > plan.flash && !isV2) {
                _store(slot + TOKEN_WORD, uint160(hop.tokenIn));
                if (i == plan.flash + 1) plan.passing = _balance(hop.tokenIn);
            }
            if (i > plan.flash || !isV2) continue;
            uint256 gives = UniswapV2.outputOf(hop.pool, hop.zeroForOne, hop.fee, amount);
            _store(slot + GIVES_WORD, gives);
            if (i < plan.flash) amount = gives;
        }
    }

    function _storePlan(Plan memory plan) private {
        _store(PLAN, uint160(plan.tokenIn));
        _store(PLAN + 1, plan.amountIn);
        _store(PLAN + 2, plan.minProfit);
        _store(PLAN + 3, plan.held);
        _store(PLAN + 4, plan.passing);
        _store(PLAN + 5, plan.count | (plan.flash << FLASH_SHIFT));
    }

    function _loadPlan() private view returns (Plan memory plan) {
        plan.tokenIn = address(uint160(_load(PLAN)));
        plan.amountIn = _load(PLAN + 1);
        plan.minProfit = _load(PLAN + 2);
        plan.held = _load(PLAN + 3);
        plan.passing = _load(PLAN + 4);
        uint256 shape = _load(PLAN + 5);
        plan.count = uint8(shape);
        plan.flash = shape >> FLASH_SHIFT;
    }

    function _tokenOf(uint256 index) private view returns (address) {
        return address(uint160(_load(_slot(index) + TOKEN_WORD)));
    }

    function _venue(uint256 hop) private pure returns (Venue) {
        return Venue(uint8(hop >> VENUE_SHIFT));
    }

    function _slot(uint256 index) private pure returns (uint256) {
        return HOPS + index * HOP_WORDS;
    }

    function _balance(address token) private view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function _load(uint256 slot) private view returns (uint256) {
        return bytes32(slot).asUint256().tload();
    }

    function _store(uint256 slot, uint256 value) private {
        bytes32(slot).asUint256().tstore(value);
    }
}
