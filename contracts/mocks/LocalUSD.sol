// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A dollar for local chains, in the shape of USDC: 6 decimals
/// @dev HAZARD: anyone mints. The deploy tooling puts it on local chains only.
contract LocalUSD is ERC20("Local USD", "USDC") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
