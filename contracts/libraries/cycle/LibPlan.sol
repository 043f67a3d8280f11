// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

import {Hop} from "../../types/AmmTypes.sol";
import {HopWord, hopWordOf} from "../../types/HopWord.sol";
import {LibToken} from "../venues/LibToken.sol";
import {LibVenue} from "../venues/LibVenue.sol";

/// @title The plan of a running arbitrage
/// @dev A callback is another call frame: what it has to know is in transient storage, written before the pool is called
/// and never taken from the pool.
library LibPlan {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.Uint256Slot;

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.transient.Arbitrage")) - 1)) & ~bytes32(uint256(0xff))
    uint256 private constant PLAN = 0x72ef6544dfe5aa0c780dd89f5679eda2fa57a07b533d061a4615e0286ccd0200;
    uint256 private constant PASSING = PLAN + 4;
    uint256 private constant RESULT = PLAN + 5;
    uint256 private constant HOPS = PLAN + 6;
    /// @dev Words of a hop: the pool and how it is used; the token that it takes; what it pays, where that is known.
    uint256 private constant HOP_WORDS = 3;

    uint256 private constant FLASH_HOP_SHIFT = 8;

    /// @param balanceBefore Of the first token before anything moved.
    /// @param flashHop Which hop is the flash pool; as many as there are hops where none is.
    struct Plan {
        uint256 amountIn;
        uint256 minProfit;
        uint256 balanceBefore;
        uint256 flashHop;
    }

    function store(Plan memory plan, Hop[] memory hops) internal {
        _store(PLAN, plan.amountIn);
        _store(PLAN + 1, plan.minProfit);
        _store(PLAN + 2, plan.balanceBefore);
        _store(PLAN + 3, hops.length | (plan.flashHop << FLASH_HOP_SHIFT));
        for (uint256 i; i < hops.length; ++i) {
            uint256 slot = HOPS + i * HOP_WORDS;
            _store(slot, HopWord.unwrap(hopWordOf(hops[i])));
            _store(slot + 1, uint160(hops[i].tokenIn));
            if (i <= plan.flashHop) _store(slot + 2, hops[i].amountOut);
        }
    }

    function load() internal view returns (Plan memory plan, Hop[] memory hops) {
        plan.amountIn = _load(PLAN);
        plan.minProfit = _load(PLAN + 1);
        plan.balanceBefore = _load(PLAN + 2);
        uint256 shape = _load(PLAN + 3);
        plan.flashHop = shape >> FLASH_HOP_SHIFT;
        hops = new Hop[](uint8(shape));
        for (uint256 i; i < hops.length; ++i) {
            uint256 slot = HOPS + i * HOP_WORDS;
            HopWord.wrap(_load(slot)).unpackTo(hops[i]);
            hops[i].tokenIn = address(uint160(_load(slot + 1)));
            if (i <= plan.flashHop) hops[i].amountOut = _load(slot + 2);
        }
    }

    /// @return What the flash pool is due.
    function due(Plan memory plan, Hop[] memory hops) internal pure returns (uint256) {
        return plan.flashHop == 0 ? plan.amountIn : hops[plan.flashHop - 1].amountOut;
    }

    function tokenAfter(Hop[] memory hops, uint256 i) internal pure returns (address) {
        return hops[i + 1 == hops.length ? 0 : i + 1].tokenIn;
    }

    /// @dev Where the output of hop `i` goes: where the next one wants it, or at the end to the diamond.
    function open(Plan memory plan, Hop[] memory hops, uint256 i) internal returns (address to, uint256 balanceBefore) {
        if (i + 1 == hops.length) return (address(this), plan.balanceBefore);
        if (LibVenue.isCredit(hops[i], hops[i + 1])) return (LibVenue.CREDIT, 0);
        return LibVenue.open(hops[i + 1]);
    }

    /// @dev Checks the output of hop `i` where it was sent to.
    /// @param stated What is said to have come.
    function close(Plan memory plan, Hop[] memory hops, uint256 i, uint256 balanceBefore, uint256 stated) internal {
        if (i + 1 == hops.length) LibToken.requireArrived(hops[0].tokenIn, plan.balanceBefore, stated);
        else if (!LibVenue.isCredit(hops[i], hops[i + 1])) LibVenue.close(hops[i + 1], balanceBefore, stated);
    }

    /// @param balanceBefore Of the flash pool's output, at the diamond, before that came.
    function storePassing(uint256 balanceBefore) internal {
        _store(PASSING, balanceBefore);
    }

    function passing() internal view returns (uint256 balanceBefore) {
        return _load(PASSING);
    }

    /// @param back What came back of the first token.
    function storeResult(uint256 back) internal {
        _store(RESULT, back);
    }

    function result() internal view returns (uint256 back) {
        return _load(RESULT);
    }

    function _load(uint256 slot) private view returns (uint256) {
        return bytes32(slot).asUint256().tload();
    }

    function _store(uint256 slot, uint256 value) private {
        bytes32(slot).asUint256().tstore(value);
    }
}
