// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title An honest token of any decimals, for local chains
/// @dev HAZARD: anyone mints.
contract LocalToken is ERC20("Local token", "LOCAL") {
    uint8 private immutable places;

    constructor(uint8 decimals_) {
        places = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function decimals() public view override returns (uint8) {
        return places;
    }
}
