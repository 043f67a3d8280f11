// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PoolConfig, PoolView} from "../types/AmmTypes.sol";
import {Venue} from "../types/MarketTypes.sol";

/// @title The pools that arbitrages may use
/// @dev Every state-changing function is nonReentrant. They work while paused or halted.
interface IPools {
    /// @notice A pool was registered.
    event PoolRegistered(
        uint32 indexed id,
        address indexed pool,
        address indexed factory,
        Venue venue,
        address token0,
        address token1,
        uint24 fee,
        bytes32 poolId,
        int24 tickSpacing,
        address hooks
    );
    /// @notice V4 pools with these hooks may, or may no longer, be registered, for arbitrages and markets.
    event HooksSet(address indexed hooks, bool allowed);
    /// @notice The token that ether counts as in a cycle.
    event WrappedNativeSet(address indexed token);
    /// @notice A pool was unregistered.
    event PoolUnregistered(uint32 indexed id, address indexed pool);

    /// @notice `fee` hundredths of a basis point cannot be the fee of pool `pool`.
    /// @custom:group config
    /// @custom:remedy Give a V3 pool's own fee, or for a V2 pair its factory's, such as 3000; less than 100 %.
    error InvalidPoolFee(address pool, uint24 fee);
    /// @notice The V4 manager has no pool `poolId`.
    /// @custom:group config
    /// @custom:remedy Give the tokens in order, the fee, the tick spacing and the hooks exactly as in the pool's key.
    error PoolNotInitialized(bytes32 poolId);
    /// @notice The pool calls hooks `hooks` at every swap, and they are not allowed.
    /// @custom:group config
    /// @custom:remedy Let the owner allow them with `setHooks`.
    error HooksNotAllowed(address hooks);
    /// @notice The pool trades ether, and the wrapped native token is not set.
    /// @custom:group config
    /// @custom:remedy Let the owner call `setWrappedNative` first.
    error WrappedNativeNotSet();
    /// @notice The wrapped native token is `token`, and cannot be changed.
    /// @custom:group config
    /// @custom:remedy There is nothing to do.
    error WrappedNativeAlreadySet(address token);
    /// @notice `token0` and `token1` are not two tokens that pool `pool` trades, in order.
    /// @custom:group config
    /// @custom:remedy Give the lesser address first, and neither the pool's own share nor ether against its wrapped
    /// token.
    error InvalidPoolTokens(address pool, address token0, address token1);
    /// @notice Pool `pool` is registered already, as `id`.
    /// @custom:group config
    /// @custom:remedy Use that id.
    error PoolAlreadyRegistered(address pool, uint32 id);
    /// @notice No pool is registered as `id`.
    /// @custom:group gate
    /// @custom:remedy See `getPools` for the registered ids.
    error UnknownPool(uint32 id);

    /// @notice Allows or forbids V4 pools with these hooks, for arbitrages and markets. Owner only. Pools and markets
    /// registered before stay as they are.
    /// @dev HAZARD: hooks see every swap and may change its amounts, or refuse it: within what an arbitrage's minimum
    /// profit, or a strike's limit and its market's deviations, leave.
    /// @param hooks Address of the hooks; not zero.
    /// @param allowed Whether pools with them may be registered.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function setHooks(address hooks, bool allowed) external;

    /// @notice Names the token that ether counts as in a cycle, once. Owner only. Without it no pool of ether can be
    /// registered.
    /// @dev HAZARD: it must be the canonical wrapper; its `deposit` and `withdraw` are called while an arbitrage runs.
    /// @param token The canonical wrapper.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function setWrappedNative(address token) external;

    /// @notice Registers pools. Owner only. Each must be its factory's, or its manager's, own.
    /// @dev HAZARD: a V2 pair's fee is the owner's word. Too low a one has the pair refuse every swap; too high a one
    /// leaves a part of each profit in the pair.
    /// @param configs One for each pool, or pair of tokens of a Balancer pool.
    /// @return ids Their ids, from 1.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function registerPools(PoolConfig[] calldata configs) external returns (uint32[] memory ids);

    /// @notice Unregisters pools. Owner or guardian. Registered again, they get new ids.
    /// @param ids Pool ids, each registered.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function unregisterPools(uint32[] calldata ids) external;

    /// @notice The pools with ids `offset + 1` to `offset + limit`, unregistered ones too, as far as there are any.
    /// @param offset How many to leave out.
    /// @param limit The maximum to return.
    /// @return The pools, by id.
    function getPools(uint256 offset, uint256 limit) external view returns (PoolView[] memory);

    /// @notice Whether V4 pools with these hooks may be registered.
    /// @param hooks Address of the hooks.
    /// @return Whether pools with them may be registered.
    function hooksAllowed(address hooks) external view returns (bool);

    /// @notice The token that ether counts as in a cycle; zero until it is set.
    /// @return The wrapper; zero until it is set.
    function wrappedNative() external view returns (address);

    /// @notice How many pools were ever registered; ids are 1 to this.
    /// @return Registered and unregistered ones together.
    function poolCount() external view returns (uint256);
}
