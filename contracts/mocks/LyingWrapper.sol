// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Wrapped ether that lies: it mints less than it is paid, burns more than it pays out, or pays out less
contract LyingWrapper is ERC20("Lying ether", "LETH") {
    uint256 public mintsLess;
    uint256 public burnsMore;
    uint256 public paysLess;

    error Unpaid();

    receive() external payable {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function behave(uint256 mintsLess_, uint256 burnsMore_, uint256 paysLess_) external {
        (mintsLess, burnsMore, paysLess) = (mintsLess_, burnsMore_, paysLess_);
    }

    function deposit() external payable {
        _mint(msg.sender, msg.value - mintsLess);
    }

    function withdraw(uint256 amount) external {
        _burn(msg.sender, amount + burnsMore);
        (bool ok,) = msg.sender.call{value: amount - paysLess}("");
        if (!ok) revert Unpaid();
    }
}
