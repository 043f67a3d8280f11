// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAMMBot} from "./IAMMBot.sol";
import {IAccess} from "./IAccess.sol";
import {IDiamondCut} from "./IDiamondCut.sol";
import {IDiamondLoupe} from "./IDiamondLoupe.sol";
import {IFleet} from "./IFleet.sol";
import {ILibraryErrors} from "./ILibraryErrors.sol";
import {IMarket} from "./IMarket.sol";
import {IPools} from "./IPools.sol";
import {IScore} from "./IScore.sol";
import {IStrikeBot} from "./IStrikeBot.sol";
import {ISwapCallback} from "./ISwapCallback.sol";
import {ITreasury} from "./ITreasury.sol";

/// @title Everything that the diamond answers to
/// @dev One interface that inherits them all: the compiler refuses two facets with one selector or one error declared
/// twice. Its ABI is the client's.
interface IMacroStrike is
    IDiamondCut,
    IDiamondLoupe,
    IAccess,
    ITreasury,
    IMarket,
    IFleet,
    IStrikeBot,
    IScore,
    IPools,
    IAMMBot,
    ISwapCallback,
    ILibraryErrors
{}
