// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FacetCut, FacetCutAction} from "../types/DiamondTypes.sol";

/// @title Changing a diamond's functions (EIP-2535)
/// @notice The ERC-165 id announced for this interface is the standard's, 0x1f931c1c, which is that of `diamondCut`
///         alone; `removeCoreFunctions` is an addition to the standard.
/// @dev Both functions are for the owner only, refuse to be re-entered, and work while the diamond is paused. Whatever
///      is refused changes nothing.
interface IDiamondCut {
    /// @notice Emitted by every cut, that of the constructor included. Applying all of these events in order gives the
    ///         diamond's functions.
    event DiamondCut(FacetCut[] _diamondCut, address _init, bytes _calldata);

    /// @notice No facet answers `selector`. Calldata under four bytes, and so plain ether too, shows here padded with
    ///         zeros.
    error FunctionNotFound(bytes4 selector);

    /// @notice An entry of the cut names no selectors at all.
    /// @param facet The entry's facet.
    /// @param action The entry's action.
    error NoSelectors(address facet, FacetCutAction action);

    /// @notice `selector` stands twice in one entry of the cut.
    error DuplicateSelector(bytes4 selector);

    /// @notice `word` is no selector: there is something in its padding.
    error DirtySelector(bytes32 word);

    /// @notice 0x00000000 cannot be added: it is what calldata that is too short looks like.
    error ZeroSelector();

    /// @notice `facet` holds no code, so that calls to it would succeed without doing anything.
    error FacetWithoutCode(address facet);

    /// @notice The diamond cannot be its own facet: a call would recurse until its gas is spent.
    error DiamondAsFacet(address diamond);

    /// @notice `selector` cannot be added: `facet` answers it already. Use Replace.
    error SelectorAlreadyAdded(bytes4 selector, address facet);

    /// @notice `selector` cannot be replaced: `facet` answers it already.
    error SelectorAlreadyOnFacet(bytes4 selector, address facet);

    /// @notice `selector` cannot be replaced or removed: no facet answers it.
    error SelectorNotAdded(bytes4 selector);

    /// @notice A Remove entry must name the zero address, not `facet`.
    error RemoveNamesFacet(address facet);

    /// @notice `diamondCut` refuses to remove this function, without which the diamond could not be changed or looked
    ///         into any more. Replace it, or call `removeCoreFunctions` when that is what you mean.
    error CoreFunction(bytes4 selector);

    /// @notice `removeCoreFunctions` removes nothing but core functions. Remove `selector` by `diamondCut`.
    error NotCoreFunction(bytes4 selector);

    /// @notice `init` holds no code, so that initialising would succeed without doing anything.
    error InitWithoutCode(address init);

    /// @notice There is calldata for an initialisation, but no address to run it on. EIP-2535 would skip it in silence.
    error InitMissing(bytes data);

    /// @notice There is an address, `init`, to initialise with, but nothing to call it with.
    error InitDataMissing(address init);

    /// @notice The initialisation at `init` with `data` failed without a reason. When it gives one, that one is passed
    ///         on instead.
    error InitializationFailed(address init, bytes data);

    /// @notice Adds, replaces and removes any number of functions, then runs an initialisation in the diamond's
    /// context.
    /// @dev Entries apply in order, each seeing what those before it have done. Hazard: `_init` runs with all of the
    ///      diamond's powers; it can do anything to its storage and funds.
    /// @param _diamondCut The entries; none is allowed, to run an initialisation only.
    /// @param _init Contract to delegatecall once all entries are applied; zero for none.
    /// @param _calldata What to call it with; empty if, and only if, `_init` is zero.
    function diamondCut(FacetCut[] calldata _diamondCut, address _init, bytes calldata _calldata) external;

    /// @notice Removes core functions, which are `diamondCut` and the four functions of the loupe.
    /// @dev Hazard: without `diamondCut` nothing about the diamond can ever be changed again; without the loupe public
    ///      tools no longer know its functions. This function is itself removed by `diamondCut`, before that goes.
    /// @param selectors Core functions, at least one, none twice.
    function removeCoreFunctions(bytes4[] calldata selectors) external;
}
