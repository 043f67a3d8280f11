// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that takes its fee from the sender, on top of what is sent
contract SurchargingToken is ERC20("Surcharging", "SUR") {
    uint256 public surchargeBps;
    uint256 public surcharge;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function behave(uint256 surchargeBps_) external {
        surchargeBps = surchargeBps_;
    }

    /// @param surcharge_ Raw units, whatever the amount.
    function charge(uint256 surcharge_) external {
        surcharge = surcharge_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0) || to == address(0)) return;
        super._update(from, address(0), amount * surchargeBps / 10_000 + surcharge);
    }
}
