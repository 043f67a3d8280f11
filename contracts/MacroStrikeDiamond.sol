// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDiamondCut} from "./interfaces/IDiamondCut.sol";
import {ISwapCallback} from "./interfaces/ISwapCallback.sol";
import {LibAccess} from "./libraries/access/LibAccess.sol";
import {LibDiamond} from "./libraries/diamond/LibDiamond.sol";
import {LibCallback} from "./libraries/cycle/LibCallback.sol";
import {LibNative} from "./libraries/cycle/LibNative.sol";
import {FacetCut} from "./types/DiamondTypes.sol";

/// @title MacroStrike: the diamond (EIP-2535) that holds the capital
contract MacroStrikeDiamond {
    /// @dev The owner is in place before `init` runs, and `init` sees every function.
    /// @param cuts Every facet with its functions.
    /// @param owner Who may cut from now on.
    /// @param init Contract to delegatecall once the functions are there; zero for none.
    /// @param initData What to call it with.
    constructor(FacetCut[] memory cuts, address owner, address init, bytes memory initData) {
        LibAccess.initOwner(owner);
        LibDiamond.cut(abi.encode(cuts, init, initData), false);
    }

    /// @dev Answers every call by the facet of its selector. Plain ether has no selector and is refused, but for what a
    /// running arbitrage asks for: from that sender, at that moment. The V3 pool that a running swap waits for, and that
    /// only has to be paid, is paid here: looking up a facet and loading it would cost more than the payment.
    fallback() external payable {
        // As a number: a shift costs less than the mask that `msg.sig` comes with.
        uint256 selector;
        assembly ("memory-safe") {
            selector := shr(224, calldataload(0))
        }
        // One after the other: joined, the compiler reads transient storage in every call.
        if (selector == uint32(ISwapCallback.uniswapV3SwapCallback.selector)) {
            if (LibCallback.payIfDue()) {
                // And not `return`, which would cost every other call a jump.
                assembly ("memory-safe") {
                    stop()
                }
            }
        }
        uint256 nodes = LibDiamond.NODES;
        bytes4 notFound = IDiamondCut.FunctionNotFound.selector;
        bytes32 etherSender = LibNative.SENDER;
        // Takes all of memory for itself: control never returns to Solidity.
        assembly {
            // The lowest 160 bits are the facet: DELEGATECALL looks at those only.
            let facet := sload(add(nodes, selector))
            // One test for both: no facet, and calldata too short to be a call at all.
            if iszero(mul(shl(96, facet), gt(calldatasize(), 3))) {
                if iszero(calldatasize()) {
                    if eq(tload(etherSender), caller()) { stop() }
                }
                mstore(0, notFound)
                mstore(4, shl(224, selector))
                revert(0, 0x24)
            }
            calldatacopy(0, 0, calldatasize())
            let success := delegatecall(gas(), facet, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if success { return(0, returndatasize()) }
            revert(0, returndatasize())
        }
    }
}
