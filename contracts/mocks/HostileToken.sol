// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that does everything a token should not
/// @dev Takes a fee on its way, moves balances without a transfer, lies about success, and calls out while it moves.
contract HostileToken is ERC20("Hostile", "HOST") {
    /// @notice What the armed call brought.
    event CalledOut(bool ok, bytes result);

    uint16 public feeBps;
    bool public lies;

    address private target;
    bytes private call;
    bytes private words;
    bool private inBalances;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @dev A rebase down of one account.
    function seize(address from, uint256 amount) external {
        _burn(from, amount);
    }

    /// @param feeBps_ What every transfer burns of its amount.
    /// @param lies_ Whether transfers do nothing and answer false.
    function behave(uint16 feeBps_, bool lies_) external {
        feeBps = feeBps_;
        lies = lies_;
    }

    /// @dev The next transfer, before it moves anything, makes this call; the zero address disarms.
    function arm(address target_, bytes calldata call_) external {
        target = target_;
        call = call_;
    }

    /// @dev From now on transfers fail with these words, and balances too where `inBalances_`; no words: neither.
    function speak(bytes calldata words_, bool inBalances_) external {
        (words, inBalances) = (words_, inBalances_);
    }

    function balanceOf(address account) public view override returns (uint256) {
        if (inBalances) _speak();
        return super.balanceOf(account);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        _callOut();
        _speak();
        return !lies && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _callOut();
        _speak();
        return !lies && super.transferFrom(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : amount * feeBps / 10_000;
        if (fee != 0) super._update(from, address(0), fee);
        super._update(from, to, amount - fee);
    }

    function _speak() private view {
        bytes memory said = words;
        if (said.length == 0) return;
        assembly ("memory-safe") {
            revert(add(said, 0x20), mload(said))
        }
    }

    function _callOut() private {
        address to = target;
        if (to == address(0)) return;
        target = address(0);
        // slither-disable-next-line low-level-calls
        (bool ok, bytes memory result) = to.call(call);
        emit CalledOut(ok, result);
    }
}
