// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title A facet and initialiser that shows what a diamond passes on
contract DiamondProbeFacet {
    /// @dev Tells one deployment from another.
    uint256 public immutable version;

    /// @dev The diamond's storage slot 0, which no namespace uses.
    uint256 public stored;

    error ProbeFailed(uint256 value);

    constructor(uint256 version_) {
        version = version_;
    }

    /// @dev The cheapest call there is, to measure what dispatching costs.
    function noop() external payable {}

    function store(uint256 value) external {
        stored = value;
    }

    function context() external payable returns (address self, address sender, uint256 value, bytes memory data) {
        return (address(this), msg.sender, msg.value, msg.data);
    }

    function fail(uint256 value) external pure {
        revert ProbeFailed(value);
    }

    function failSilently() external pure {
        // An empty reason is what the caller's own error replaces.
        assembly {
            revert(0, 0)
        }
    }

    /// @dev As an initialiser: has the diamond call itself, and passes on why that failed.
    function callSelf(bytes calldata data) external {
        Address.functionCall(address(this), data);
    }
}
