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
import {ITakeover} from "./ITakeover.sol";
import {ITreasury} from "./ITreasury.sol";

// The map: what each facet does, who may call it, and how it stands to reentrancy. Everything that moves tokens or trades is
// `nonReentrant` (one guard for the whole diamond, in transient storage). The rest calls nothing, or only places that the
// owner named, and writes nothing after it. Views are for anyone. Each function's own lines say more, in its interface.
//
// DiamondCutFacet    IDiamondCut    diamondCut                    owner; changes functions              guarded
//                                   removeCoreFunctions           owner; also the cut and the loupe     guarded
// DiamondLoupeFacet  IDiamondLoupe  facets ... facetAddress       views: which facet has what
// AccessFacet        IAccess        transferOwnership             owner; names a successor
//                                   acceptOwnership               the successor
//                                   setOperator, setEngine        owner; hot keys and signers
//                                   revokeOperator, revokeEngine  owner, guardian; at once
//                                   setModel                      owner; by which models engines predict
//                                   revokeModel                   owner, guardian
//                                   setGuardian                   owner
//                                   pause                         owner, guardian                       guarded
//                                   unpause                       owner                                 guarded
//                                   stopTakeovers                 owner, guardian                       guarded
//                                   allowTakeovers                owner                                 guarded
//                                   setThreshold                  owner; guardian only upwards          guarded
//                                   owner ... threshold           views: who may do what
// TreasuryFacet      ITreasury      deposit, withdraw             owner; quote of the reserve           guarded
//                                   depositInventory              owner; base that shorts sell          guarded
//                                   withdrawInventory             owner                                 guarded
//                                   skim                          owner; what no book accounts for      guarded
//                                   getTreasury ... excessOf      views: the books
// MarketFacet        IMarket        setFactory                    owner; whose pools are believed
//                                   registerMarket                owner; tries the pool's callback      guarded
//                                   updateMarket, setMarketFeeds  owner; rules and feeds
//                                   enableMarket                  owner
//                                   disableMarket                 owner, guardian
//                                   getMarket ... getOracleQuote  views: rules, caps in use, prices
// FleetFacet         IFleet         initializeStrikeBots          owner, once                           guarded
//                                   configureBot, setLot, resume  owner                                 guarded
//                                   fundBots, defundBots          owner; reserve to bots and back       guarded
//                                   rebalance                     owner, operator; by weights           guarded
//                                   rebalanceByPerformance        owner, operator; by win rates         guarded
//                                   markToMarket                  anyone; halts at a drawdown           guarded
//                                   getBot ... getLot             views: the 25 bots
// StrikeBotFacet     IStrikeBot     executeStrike                 operator, on an engine's signature    guarded
//                                   executeStrikes                as above, several                     guarded, each
//                                   settleStrike                  operator, owner; by a swap            guarded
//                                   settleStrikes                 as above, several                     guarded, each
//                                   roll, rollStrikes             settle, then open                     guarded, each
//                                   hashPrediction                view: what an engine signs
// TakeoverFacet      ITakeover      markDue                       anyone; at a barrier                  guarded
//                                   takeStrike                    anyone who pays, once it is due       guarded
//                                   closeAtOracle                 owner; without a swap                 guarded
//                                   writeOffStrike                owner; at a price of nothing          guarded
//                                   quoteTake, canSettle          views: prices and due strikes
// ScoreFacet         IScore         getStrike ... getCalibration  views: the score, by all and by part
// PoolsFacet         IPools         registerPools                 owner; for arbitrages                 guarded
//                                   unregisterPools               owner, guardian                       guarded
//                                   setHooks                      owner; V4 pools and markets           guarded
//                                   setWrappedNative              owner, once                           guarded
//                                   getPools ... poolCount        views: the pools
// AMMBotFacet        IAMMBot        initializeAMMBots             owner, once                           guarded
//                                   executeArbitrage              operator; profit or revert            guarded
//                                   attemptArbitrage              operator; scored, misses counted      guarded within
//                                   quoteArbitrage                anyone; simulates, then reverts       guarded within
//                                   tryArbitrage                  the diamond itself                    guarded
//                                   setAMMCap                     owner                                 guarded
//                                   fundAMM, defundAMM            owner; capital in and out             guarded
//                                   getAMMStats ...               views: profit, capital, calibration
// SwapCallbackFacet  ISwapCallback  uniswapV3SwapCallback         the one pool that a running swap waits for, once; and so,
//                                   by the names that forks call: pancakeV3SwapCallback, algebraSwapCallback
//                                   uniswapV2Call                 as above; pancakeCall, hook
//                                   unlockCallback                the manager that was asked to unlock

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
    ITakeover,
    IScore,
    IPools,
    IAMMBot,
    ISwapCallback,
    ILibraryErrors
{}
