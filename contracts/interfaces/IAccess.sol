// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Ownership, roles, pause and the confidence threshold
/// @notice Who may do what. The owner is meant to be a Safe or a timelock; operators are hot keys with an expiry, a set
/// of actions and a daily budget; engines sign predictions and send nothing; guardians can only make things safer.
/// @dev No function here calls out. Pausing and the threshold are nonReentrant all the same, since a settlement holds
/// their word in memory while it trades; the others need no guard. All work while paused.
interface IAccess {
    /// @notice The owner changed (ERC-173).
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    /// @notice The owner named a successor, who must accept.
    event OwnershipTransferStarted(address indexed owner, address indexed pendingOwner);
    /// @notice An operator was granted or changed. `dailyBudget` in book units of quote.
    event OperatorSet(address indexed operator, uint40 validUntil, uint8 actions, uint64 dailyBudget);
    /// @notice An operator was revoked.
    event OperatorRevoked(address indexed operator, address indexed by);
    /// @notice An engine was granted or changed.
    event EngineSet(address indexed engine, uint40 validUntil);
    /// @notice An engine was revoked.
    event EngineRevoked(address indexed engine, address indexed by);
    /// @notice A guardian was named or dismissed.
    event GuardianSet(address indexed guardian, bool active);
    /// @notice Opening risk is stopped.
    event Paused(address indexed by);
    /// @notice Opening risk is allowed again.
    event Unpaused(address indexed by);
    /// @notice The least confidence changed, in basis points.
    event ThresholdSet(uint16 thresholdBps, address indexed by);

    /// @notice The caller is not the owner.
    error NotOwner(address caller, address owner);
    /// @notice The caller is not the successor that the owner named.
    error NotPendingOwner(address caller, address pendingOwner);
    /// @notice The caller is neither the owner nor a guardian.
    error NotGuardian(address caller);
    /// @notice The caller is no live operator: never granted, revoked, or expired at `validUntil`.
    error NotOperator(address caller, uint40 validUntil);
    /// @notice The operator may not do this. Bits as in `setOperator`.
    error ActionNotAllowed(address operator, uint8 action, uint8 allowed);
    /// @notice The operator's budget does not cover the notional. Both in book units.
    error BudgetExceeded(address operator, uint256 notional, uint256 available);
    /// @notice The engine is not live: never granted, revoked, or expired at `validUntil`.
    error EngineNotActive(address engine, uint40 validUntil);
    /// @notice The signature has a length or form that no signature has.
    error MalformedSignature(uint256 length);
    /// @notice The signature is someone else's, or over another prediction, chain or diamond. `recovered` is zero for
    /// an ERC-1271 engine.
    error InvalidSignature(address engine, address recovered);
    /// @notice The nonce was used, or is older than the engine's window of 128.
    error NonceUsed(address engine, uint64 nonce);
    /// @notice Opening risk is stopped.
    error EnforcedPause();
    /// @notice The contract is not paused.
    error ExpectedPause();
    /// @notice The threshold is outside [9300, 10000], or a guardian tried to lower it.
    error ThresholdOutOfRange(uint16 thresholdBps, uint16 least);
    /// @notice The confidence is under the threshold. Both in basis points.
    error ConfidenceTooLow(uint256 confidenceBps, uint256 thresholdBps);
    /// @notice The confidence is over 100 %.
    error ConfidenceOutOfRange(uint256 confidenceBps);
    /// @notice An address that may not be zero is.
    error ZeroAddress();
    /// @notice The expiry is not in the future, or the actions are none or unknown.
    error InvalidGrant(address account, uint40 validUntil, uint8 actions);

    /// @notice The owner (ERC-173).
    function owner() external view returns (address);

    /// @notice The successor who may accept; zero when none.
    function pendingOwner() external view returns (address);

    /// @notice Names a successor, who becomes owner by `acceptOwnership`. Owner only. Zero withdraws the offer.
    function transferOwnership(address newOwner) external;

    /// @notice Takes the ownership that was offered to the caller.
    function acceptOwnership() external;

    /// @notice Grants or changes an operator. Owner only. What it has used of its budget stays used.
    /// @param validUntil Unix second of expiry, in the future.
    /// @param actions Sum of: 1 strike, 2 settle, 4 arbitrage, 8 rebalance.
    /// @param dailyBudget Notional it may open a day, in book units of quote. Over any time t it can open at most
    /// `dailyBudget * (1 + t / 1 day)`.
    function setOperator(address operator, uint40 validUntil, uint8 actions, uint64 dailyBudget) external;

    /// @notice Revokes an operator at once. Owner or guardian.
    function revokeOperator(address operator) external;

    /// @notice An operator's grant, and the budget it has left now, in book units.
    function getOperator(address operator)
        external
        view
        returns (uint40 validUntil, uint8 actions, uint64 dailyBudget, uint256 available);

    /// @notice Grants or changes an engine. Owner only. Nonces that it used stay used.
    function setEngine(address engine, uint40 validUntil) external;

    /// @notice Revokes an engine at once; signatures that it gave out are worthless from then on. Owner or guardian.
    function revokeEngine(address engine) external;

    /// @notice An engine's expiry and the highest nonce that it has used.
    function getEngine(address engine) external view returns (uint40 validUntil, uint64 highestNonce);

    /// @notice Whether a nonce is used or too old to be used.
    function isNonceUsed(address engine, uint64 nonce) external view returns (bool);

    /// @notice Names or dismisses a guardian. Owner only.
    function setGuardian(address guardian, bool active) external;

    /// @notice Whether the account is a guardian.
    function isGuardian(address account) external view returns (bool);

    /// @notice Stops opening risk; settling and withdrawing go on. Owner or guardian.
    function pause() external;

    /// @notice Allows opening risk again. Owner only.
    function unpause() external;

    /// @notice Whether opening risk is stopped.
    function paused() external view returns (bool);

    /// @notice Sets the least confidence. The owner may set 9300 to 10000; a guardian may only raise it.
    function setThreshold(uint16 thresholdBps) external;

    /// @notice The least confidence accepted, in basis points. Never under 9300.
    function threshold() external view returns (uint16);
}
