// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The capital that is not with the bots
/// @notice Quote reserve and base inventory, in and out by the owner alone. There is no other way out of the diamond:
/// no generic call, no public approval, no caller-chosen target.
/// @dev Every state-changing function calls a token, is nonReentrant, and works while paused, so that capital can
/// always be brought to safety.
interface ITreasury {
    /// @notice Quote came into the reserve. `amount` is what arrived, measured.
    event Deposited(address indexed from, uint256 amount);
    /// @notice Quote left the reserve. `amount` is what left, measured: a token may charge its sender beyond what it sends.
    event Withdrawn(address indexed to, uint256 amount);
    /// @notice Base came into the inventory. `amount` is what arrived, measured.
    event InventoryDeposited(address indexed token, address indexed from, uint256 amount);
    /// @notice Base left the inventory. `amount` is what left, measured.
    event InventoryWithdrawn(address indexed token, address indexed to, uint256 amount);
    /// @notice What no book accounts for was sent to the owner.
    event Skimmed(address indexed token, address indexed to, uint256 amount);

    /// @notice The fleet's quote token is not set.
    /// @custom:group treasury
    /// @custom:remedy Let the owner call `initializeStrikeBots` first.
    error QuoteNotSet();
    /// @notice The amount is zero, or nothing arrived.
    /// @custom:group treasury
    /// @custom:remedy Move more than zero.
    error ZeroAmount();
    /// @notice `asked` raw units of token `token` were requested, and the books have `available`.
    /// @custom:group treasury, gate
    /// @custom:remedy Request less, or deposit more.
    error InsufficientFunds(address token, uint256 asked, uint256 available);
    /// @notice Token `token` is the quote token, and a base token is expected.
    /// @custom:group treasury
    /// @custom:remedy Use `deposit`.
    error NotABaseToken(address token);

    /// @notice Moves quote from the owner to the reserve. Owner only.
    /// @param amount Raw quote units to pull; what arrives is booked.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function deposit(uint256 amount) external;

    /// @notice Moves quote from the reserve to `to`. Owner only. What the token charges its sender is the reserve's too.
    /// @param amount Raw quote units.
    /// @param to Who receives it; not zero.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function withdraw(uint256 amount, address to) external;

    /// @notice Moves a base token from the owner to the inventory that shorts sell from. Owner only.
    /// @param token Any but the quote token.
    /// @param amount Raw units to pull; what arrives is booked.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function depositInventory(address token, uint256 amount) external;

    /// @notice Moves base from the inventory to `to`. Owner only. Base that open shorts have sold is not there. What the
    /// token charges its sender is the inventory's too.
    /// @param token The base token.
    /// @param amount Raw units.
    /// @param to Who receives it; not zero.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function withdrawInventory(address token, uint256 amount, address to) external;

    /// @notice Sends what no book accounts for (donations, rebases, dust) to the owner. Owner only. Refused where the
    /// token charges its sender, which would be from the books.
    /// @param token Any token.
    /// @return amount Raw units sent.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function skim(address token) external returns (uint256 amount);

    /// @notice The quote token, and the reserve and the AMM bots' capital in raw quote units.
    /// @return quote The quote token; zero until the fleet is initialised.
    /// @return reserve Raw quote units, dust that waits included.
    /// @return ammCapital Raw quote units.
    function getTreasury() external view returns (address quote, uint256 reserve, uint256 ammCapital);

    /// @notice Base inventory available to shorts, raw units.
    /// @param token The base token.
    /// @return Raw units.
    function inventoryOf(address token) external view returns (uint256);

    /// @notice What `skim` would send, raw units.
    /// @param token Any token.
    /// @return Raw units.
    function excessOf(address token) external view returns (uint256);
}
