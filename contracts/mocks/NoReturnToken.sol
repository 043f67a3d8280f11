// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A token whose transfers answer nothing, as the dollar that most people hold
contract NoReturnToken {
    uint8 public constant decimals = 6;
    string public constant symbol = "NORETURN";

    mapping(address holder => uint256 amount) public balanceOf;
    mapping(address holder => mapping(address spender => uint256 amount)) public allowance;

    error Insufficient(uint256 asked, uint256 available);

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        uint256 allowed = allowance[from][msg.sender];
        if (amount > allowed) revert Insufficient(amount, allowed);
        allowance[from][msg.sender] = allowed - amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        uint256 available = balanceOf[from];
        if (amount > available) revert Insufficient(amount, available);
        balanceOf[from] = available - amount;
        balanceOf[to] += amount;
    }
}
