// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FacetCut, FacetCutAction} from "../types/DiamondTypes.sol";

/// @title Changing a diamond's functions (EIP-2535)
/// @notice The ERC-165 id announced for this interface is the standard's, 0x1f931c1c, which is that of `diamondCut`
///         alone; `removeCoreFunctions` is an addition to the standard.
/// @dev Both functions are for the owner only, refuse to be re-entered, and work while the diamond is paused. Whatever
///      is refused changes nothing.
interface IDiamondCut {
    /// @notice Emitted by every cut, that of the constructor included. Applying all of these events in order returns the
    ///         diamond's functions.
    event DiamondCut(FacetCut[] _diamondCut, address _init, bytes _calldata);

    /// @notice No facet has function `selector`. Calldata of less than four bytes, and so plain ether, shows here
    /// padded with zeros.
    /// @custom:group cut
    /// @custom:remedy Check the function and the diamond's address, or add the facet with `diamondCut`.
    error FunctionNotFound(bytes4 selector);

    /// @notice The entry for facet `facet` (action `action`) names no selectors.
    /// @custom:group cut
    /// @custom:remedy Name at least one selector, or leave the entry out.
    error NoSelectors(address facet, FacetCutAction action);

    /// @notice Selector `selector` is twice in one entry of the cut.
    /// @custom:group cut
    /// @custom:remedy Name it once.
    error DuplicateSelector(bytes4 selector);

    /// @notice `word` is not a selector: its padding is not zero.
    /// @custom:group cut
    /// @custom:remedy Encode the selector as bytes4.
    error DirtySelector(bytes32 word);

    /// @notice Selector 0x00000000 cannot be added: calldata that is too short looks like it.
    /// @custom:group cut
    /// @custom:remedy Rename the function.
    error ZeroSelector();

    /// @notice There is no code at facet `facet`, so calls to it would succeed without doing anything.
    /// @custom:group cut
    /// @custom:remedy Deploy the facet first.
    error FacetWithoutCode(address facet);

    /// @notice The diamond `diamond` cannot be its own facet: a call would recurse until its gas is spent.
    /// @custom:group cut
    /// @custom:remedy Name the facet's own address.
    error DiamondAsFacet(address diamond);

    /// @notice Selector `selector` cannot be added: facet `facet` has it.
    /// @custom:group cut
    /// @custom:remedy Use Replace.
    error SelectorAlreadyAdded(bytes4 selector, address facet);

    /// @notice Selector `selector` cannot be replaced: facet `facet` has it already.
    /// @custom:group cut
    /// @custom:remedy Leave it out of the cut.
    error SelectorAlreadyOnFacet(bytes4 selector, address facet);

    /// @notice Selector `selector` cannot be replaced or removed: no facet has it.
    /// @custom:group cut
    /// @custom:remedy Use Add, or leave it out of the cut.
    error SelectorNotAdded(bytes4 selector);

    /// @notice A Remove entry names facet `facet`.
    /// @custom:group cut
    /// @custom:remedy Name the zero address.
    error RemoveNamesFacet(address facet);

    /// @notice Selector `selector` is a core function: without it the diamond cannot be changed or inspected.
    /// @custom:group cut
    /// @custom:remedy Replace it, or remove it on purpose with `removeCoreFunctions`.
    error CoreFunction(bytes4 selector);

    /// @notice Core function `selector` cannot be replaced by facet `facet`, which does not export it: without
    ///         `diamondCut` in its place no cut could put it right again.
    /// @custom:group cut
    /// @custom:remedy Replace it by a facet whose `exportSelectors` names it.
    error CoreFunctionNotExported(bytes4 selector, address facet);

    /// @notice Selector `selector` is not a core function, and `removeCoreFunctions` removes nothing else.
    /// @custom:group cut
    /// @custom:remedy Remove it with `diamondCut`.
    error NotCoreFunction(bytes4 selector);

    /// @notice There is no code at initializer `init`, so the call would succeed without doing anything.
    /// @custom:group cut
    /// @custom:remedy Deploy the initializer first.
    error InitWithoutCode(address init);

    /// @notice There is calldata `data` for an initializer, and no initializer. EIP-2535 would skip it silently.
    /// @custom:group cut
    /// @custom:remedy Name the initializer, or leave the calldata empty.
    error InitMissing(bytes data);

    /// @notice There is an initializer, `init`, and no calldata for it.
    /// @custom:group cut
    /// @custom:remedy Give the calldata, or the zero address as initializer.
    error InitDataMissing(address init);

    /// @notice Initializer `init` failed without a reason, called with `data`. A reason would be passed on instead.
    /// @custom:group cut
    /// @custom:remedy Simulate the initializer's call on its own.
    error InitializationFailed(address init, bytes data);

    /// @notice Adds, replaces and removes any number of functions, then runs an initialisation in the diamond's
    /// context.
    /// @dev Entries apply in order, each seeing what those before it have done. Hazard: `_init` runs with all of the
    ///      diamond's powers; it can do anything to its storage and funds.
    /// @param _diamondCut The entries; none is allowed, to run an initialisation only.
    /// @param _init Contract to delegatecall once all entries are applied; zero for none.
    /// @param _calldata What to call it with; empty if, and only if, `_init` is zero.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function diamondCut(FacetCut[] calldata _diamondCut, address _init, bytes calldata _calldata) external;

    /// @notice Removes core functions, which are `diamondCut` and the four functions of the loupe.
    /// @dev Hazard: without `diamondCut` nothing about the diamond can ever be changed again; without the loupe public
    ///      tools no longer know its functions. This function is itself removed by `diamondCut`, before that goes.
    /// @param selectors Core functions, at least one, none twice.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function removeCoreFunctions(bytes4[] calldata selectors) external;
}
