// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The part of a Safe, version 1.3 and later, that tools off chain need.
interface ISafe {
    function VERSION() external view returns (string memory);

    function getOwners() external view returns (address[] memory);

    function getThreshold() external view returns (uint256);

    function nonce() external view returns (uint256);

    /// @param operation 0: call. 1: delegatecall.
    function execTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes memory signatures
    ) external payable returns (bool success);
}

/// @notice What makes several calls of one transaction of a Safe.
interface IMultiSend {
    function multiSend(bytes memory transactions) external payable;
}

/// @notice The part of OpenZeppelin's TimelockController that tools off chain need.
interface ITimelock {
    function getMinDelay() external view returns (uint256);

    /// @return When the operation is ready; 0: not scheduled, 1: done.
    function getTimestamp(bytes32 id) external view returns (uint256);

    function scheduleBatch(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt,
        uint256 delay
    ) external;

    function executeBatch(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt
    ) external payable;

    function cancel(bytes32 id) external;
}
