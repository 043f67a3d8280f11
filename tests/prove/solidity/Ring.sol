// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDiamondCut} from "../../../contracts/interfaces/IDiamondCut.sol";
import {LibDiamond} from "../../../contracts/libraries/diamond/LibDiamond.sol";
import {DiamondStorage} from "../../../contracts/libraries/storage/DiamondStorage.sol";

/// @title A cut keeps the ring of functions whole
/// @dev On a ring of two functions, with any selector beside them.
contract Ring {
    bytes4 private constant CUT = IDiamondCut.diamondCut.selector;
    bytes4 private constant OTHER = 0x7fffffff;
    address private constant FACET = address(0xface);

    function setUp() external {
        _link(CUT);
        _link(OTHER);
    }

    function check_an_added_function_is_answered_and_in_the_ring(bytes4 a) external {
        bool free = a != 0 && a != CUT && a != OTHER;
        assert(_link(a) == (free ? 1 : 0));
        if (!free) return;
        DiamondStorage.Node memory node = DiamondStorage.node(a);
        assert(LibDiamond.facetAddress(a) == FACET && LibDiamond.facetAddress(OTHER) == FACET);
        assert(DiamondStorage.node(node.previous).next == a && DiamondStorage.node(node.next).previous == a);
        assert(node.next == CUT && node.previous != a);
    }

    function check_a_core_function_is_not_removed(bytes4 a) external {
        LibDiamond.cut(_removal(a), false);
        assert(a == OTHER && LibDiamond.facetAddress(CUT) == FACET);
    }

    function _link(bytes4 selector) private returns (uint256) {
        bytes4[] memory one = new bytes4[](1);
        one[0] = selector;
        return DiamondStorage.link(FACET, one, CUT);
    }

    /// @dev abi.encode(FacetCut[], address(0), "") of one removal.
    function _removal(bytes4 selector) private pure returns (bytes memory) {
        return abi.encode(
            uint256(0x60),
            uint256(0),
            uint256(0x160),
            uint256(1),
            uint256(0x20),
            uint256(0),
            uint256(2),
            uint256(0x60),
            uint256(1),
            selector,
            uint256(0),
            uint256(0)
        );
    }
}
