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
    /// @notice A model was given to an engine.
    event ModelSet(uint16 indexed modelId, address indexed engine);
    /// @notice No engine may predict by a model any more.
    event ModelRevoked(uint16 indexed modelId, address indexed by);
    /// @notice A guardian was named or dismissed.
    event GuardianSet(address indexed guardian, bool active);
    /// @notice Opening risk is stopped.
    event Paused(address indexed by);
    /// @notice Opening risk is allowed again.
    event Unpaused(address indexed by);
    /// @notice Takers can't take strikes over any more.
    event TakeoversStopped(address indexed by);
    /// @notice Takers can take strikes over again.
    event TakeoversAllowed(address indexed by);
    /// @notice The minimum confidence changed, in basis points.
    event ThresholdSet(uint16 thresholdBps, address indexed by);

    /// @notice `caller` is not the owner, `owner` is.
    /// @custom:group access
    /// @custom:remedy Send it from the owner's account.
    error NotOwner(address caller, address owner);
    /// @notice `caller` is not the pending owner, `pendingOwner` is (zero: no transfer was started).
    /// @custom:group access
    /// @custom:remedy Accept from the pending owner's account, or let the owner call `transferOwnership` first.
    error NotPendingOwner(address caller, address pendingOwner);
    /// @notice `caller` is neither the owner nor a guardian.
    /// @custom:group access
    /// @custom:remedy Send it from the owner's or a guardian's account.
    error NotGuardian(address caller);
    /// @notice `caller` is not an active operator (valid until `validUntil`; 0: never granted, or revoked).
    /// @custom:group access, gate
    /// @custom:remedy Let the owner grant the role with `setOperator`.
    error NotOperator(address caller, uint40 validUntil);
    /// @notice Operator `operator` may not do action `action`, only `allowed` (1 strike, 2 settle, 4 arbitrage, 8
    /// rebalance).
    /// @custom:group access, gate
    /// @custom:remedy Let the owner grant the action with `setOperator`.
    error ActionNotAllowed(address operator, uint8 action, uint8 allowed);
    /// @notice The notional of `notional` exceeds the `available` that is left of operator `operator`'s daily budget
    /// (book units).
    /// @custom:group access, gate
    /// @custom:remedy Wait, since the budget refills over a day, or let the owner raise it with `setOperator`.
    error BudgetExceeded(address operator, uint256 notional, uint256 available);
    /// @notice Engine `engine` is not active (valid until `validUntil`; 0: never granted, or revoked).
    /// @custom:group gate
    /// @custom:remedy Let the owner grant the role with `setEngine`.
    error EngineNotActive(address engine, uint40 validUntil);
    /// @notice Engine `engine` may not predict by model `modelId`.
    /// @custom:group gate
    /// @custom:remedy Let the owner register the model for the engine with `setModel`.
    error ModelNotRegistered(address engine, uint16 modelId);
    /// @notice The diamond has 256 models; their records are part of the score for ever.
    /// @custom:group config
    /// @custom:remedy Give a model that is registered to the engine with `setModel`.
    error TooManyModels();
    /// @notice The signature is malformed. Its length in bytes: `length`.
    /// @custom:group gate
    /// @custom:remedy Send 65 bytes: r, s and v, with a low s.
    error MalformedSignature(uint256 length);
    /// @notice The prediction names engine `engine` and was signed by `recovered` (zero: the ERC-1271 engine rejected
    /// it): another key, prediction, chain or diamond.
    /// @custom:group gate
    /// @custom:remedy Sign with the engine's key for this chain and this diamond.
    error InvalidSignature(address engine, address recovered);
    /// @notice Nonce `nonce` of engine `engine` was used, or is more than 127 behind its highest.
    /// @custom:group gate
    /// @custom:remedy Sign with a new nonce.
    error NonceUsed(address engine, uint64 nonce);
    /// @notice Opening strikes and arbitrages is paused; settling works.
    /// @custom:group gate
    /// @custom:remedy Let the owner call `unpause`.
    error EnforcedPause();
    /// @notice The contract is not paused.
    /// @custom:remedy There is nothing to unpause.
    error ExpectedPause();
    /// @notice Takeovers are stopped.
    /// @custom:group access
    /// @custom:remedy Let the owner call `allowTakeovers`.
    error TakeoversAreStopped();
    /// @notice Takeovers are not stopped.
    /// @custom:remedy There is nothing to allow.
    error TakeoversNotStopped();
    /// @notice Threshold `thresholdBps` is outside `minBps` to 10000 basis points.
    /// @custom:group config
    /// @custom:remedy The owner may set 9300 to 10000; a guardian may only raise it.
    error ThresholdOutOfRange(uint16 thresholdBps, uint16 minBps);
    /// @notice Confidence `confidenceBps` bps is under the threshold of `thresholdBps` bps.
    /// @custom:group gate
    /// @custom:remedy Do not strike on this prediction.
    error ConfidenceTooLow(uint256 confidenceBps, uint256 thresholdBps);
    /// @notice Confidence `confidenceBps` bps is over 100 % (10000 bps).
    /// @custom:group gate
    /// @custom:remedy Fix the engine: it must send at most 10000.
    error ConfidenceOutOfRange(uint256 confidenceBps);
    /// @notice An address is zero that must not be.
    /// @custom:group config
    /// @custom:remedy Give the real address.
    error ZeroAddress();
    /// @notice `account` cannot be granted actions `actions` until `validUntil`.
    /// @custom:group config
    /// @custom:remedy Set an expiry in the future and, for an operator, a sum of 1 strike, 2 settle, 4 arbitrage and 8
    /// rebalance.
    error InvalidGrant(address account, uint40 validUntil, uint8 actions);

    /// @notice The owner (ERC-173).
    /// @return The account that upgrades, configures, deposits and withdraws.
    function owner() external view returns (address);

    /// @notice The successor who may accept; zero when none.
    /// @return The account that may accept the ownership.
    function pendingOwner() external view returns (address);

    /// @notice Names a successor, who becomes owner by `acceptOwnership`. Owner only. Zero withdraws the offer.
    /// @param newOwner The successor; zero for none.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function transferOwnership(address newOwner) external;

    /// @notice Takes the ownership that was offered to the caller.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function acceptOwnership() external;

    /// @notice Grants or changes an operator. Owner only. What it has used of its budget stays used.
    /// @param operator The account; not zero.
    /// @param validUntil Unix second of expiry, in the future.
    /// @param actions Sum of: 1 strike, 2 settle, 4 arbitrage, 8 rebalance.
    /// @param dailyBudget Notional it may open a day, in book units of quote. Over any time t it can open at most
    /// `dailyBudget * (1 + t / 1 day)`.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function setOperator(address operator, uint40 validUntil, uint8 actions, uint64 dailyBudget) external;

    /// @notice Revokes an operator at once. Owner or guardian.
    /// @param operator The account.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function revokeOperator(address operator) external;

    /// @notice An operator's grant, and the budget it has left now, in book units.
    /// @param operator The account.
    /// @return validUntil Unix second of expiry; 0 when revoked or never granted.
    /// @return actions Sum of: 1 strike, 2 settle, 4 arbitrage, 8 rebalance.
    /// @return dailyBudget Book units of quote a day.
    /// @return available What is left of it now, in book units.
    function getOperator(address operator)
        external
        view
        returns (uint40 validUntil, uint8 actions, uint64 dailyBudget, uint256 available);

    /// @notice Grants or changes an engine. Owner only. Nonces that it used stay used.
    /// @param engine The account, or an ERC-1271 contract, whose signature counts.
    /// @param validUntil Unix second of expiry, in the future.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function setEngine(address engine, uint40 validUntil) external;

    /// @notice Revokes an engine at once; signatures that it gave out are worthless from then on. Owner or guardian.
    /// @param engine The account.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function revokeEngine(address engine) external;

    /// @notice Registers a model for an engine, or assigns a registered one to another engine. Owner only. The model's record
    /// stays with its id. An engine may have several models; a model has one engine.
    /// @param modelId The model, as predictions name it.
    /// @param engine The only engine that may predict by it; not zero.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function setModel(uint16 modelId, address engine) external;

    /// @notice Lets no engine predict by a model; its record stays. Owner or guardian.
    /// @param modelId The model.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function revokeModel(uint16 modelId) external;

    /// @notice An engine's expiry and the highest nonce that it has used.
    /// @param engine The account.
    /// @return validUntil Unix second of expiry; 0 when revoked or never granted.
    /// @return highestNonce The highest nonce that it has used.
    function getEngine(address engine) external view returns (uint40 validUntil, uint64 highestNonce);

    /// @notice Whether a nonce is used or too old to be used.
    /// @param engine The account.
    /// @param nonce Nonce of a prediction.
    /// @return Whether it is used, or 128 or more under the highest one.
    function isNonceUsed(address engine, uint64 nonce) external view returns (bool);

    /// @notice Names or dismisses a guardian. Owner only.
    /// @param guardian The account; not zero.
    /// @param active Whether it is one from now on.
    /// @custom:reentrancy calls nothing
    /// @custom:pause works while paused
    function setGuardian(address guardian, bool active) external;

    /// @notice Whether the account is a guardian.
    /// @param account The account.
    /// @return Whether it may pause, raise the threshold, disable markets and revoke keys.
    function isGuardian(address account) external view returns (bool);

    /// @notice Stops opening risk; settling and withdrawing go on. Owner or guardian.
    /// @custom:reentrancy guarded
    /// @custom:pause refused while paused
    function pause() external;

    /// @notice Allows opening risk again. Owner only.
    /// @custom:reentrancy guarded
    /// @custom:pause refused unless paused
    function unpause() external;

    /// @notice Whether opening risk is stopped.
    /// @return Whether nothing opens.
    function paused() external view returns (bool);

    /// @notice Stops takeovers, as when an oracle is wrong. Operators and the owner close strikes as before. Owner or
    /// guardian.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function stopTakeovers() external;

    /// @notice Allows takeovers again. Owner only.
    /// @dev HAZARD: auctions have gone on meanwhile: the first taker gets the whole discount on a strike long due. Close
    /// such strikes first.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function allowTakeovers() external;

    /// @notice Whether takeovers are stopped.
    /// @return Whether takers are refused.
    function takeoversStopped() external view returns (bool);

    /// @notice Sets the minimum confidence. The owner may set 9300 to 10000; a guardian may only raise it.
    /// @param thresholdBps Basis points, 9300 to 10000.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function setThreshold(uint16 thresholdBps) external;

    /// @notice The minimum confidence accepted, in basis points. Never under 9300.
    /// @return Basis points.
    function threshold() external view returns (uint16);
}
