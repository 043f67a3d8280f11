// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IFacet} from "../interfaces/IFacet.sol";
import {IFleet} from "../interfaces/IFleet.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibBooks} from "../libraries/fleet/LibBooks.sol";
import {LibBreakers} from "../libraries/fleet/LibBreakers.sol";
import {LibFleet} from "../libraries/fleet/LibFleet.sol";
import {LibStats} from "../libraries/fleet/LibStats.sol";
import {LibTreasury} from "../libraries/treasury/LibTreasury.sol";
import {ACTION_REBALANCE} from "../types/AccessTypes.sol";
import {BOTS, BotConfig, BotView, FleetConfig} from "../types/StrikeTypes.sol";

/// @title The fleet of 25 bots
contract FleetFacet is IFleet, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IFleet
    function initializeStrikeBots(FleetConfig calldata config) external nonReentrant {
        LibAccess.requireOwner();
        LibFleet.initialize(config);
        LibTreasury.setQuote(config.quote);
    }

    /// @inheritdoc IFleet
    function configureBot(uint256 bot, BotConfig calldata config) external nonReentrant {
        LibAccess.requireOwner();
        LibFleet.configureBot(bot, config);
    }

    /// @inheritdoc IFleet
    function fundBots(uint256[25] calldata amounts) external nonReentrant {
        LibAccess.requireOwner();
        LibBooks.fund(amounts);
    }

    /// @inheritdoc IFleet
    function defundBots(uint256[25] calldata amounts) external nonReentrant {
        LibAccess.requireOwner();
        LibBooks.defund(amounts);
    }

    /// @inheritdoc IFleet
    function rebalance(uint64[25] calldata weights) external nonReentrant {
        LibAccess.requireOperatorOrOwner(ACTION_REBALANCE);
        uint256[25] memory wide;
        for (uint256 bot; bot < BOTS; ++bot) {
            wide[bot] = weights[bot];
        }
        LibBooks.rebalance(wide);
    }

    /// @inheritdoc IFleet
    function rebalanceByPerformance() external nonReentrant {
        LibAccess.requireOperatorOrOwner(ACTION_REBALANCE);
        LibBooks.rebalance(LibBooks.performanceWeights());
    }

    /// @inheritdoc IFleet
    function setLot(uint32 lot) external nonReentrant {
        LibAccess.requireOwner();
        LibFleet.requireInitialized();
        LibBooks.requireNoneOpen();
        LibFleet.setLot(lot);
    }

    /// @inheritdoc IFleet
    function resume() external nonReentrant {
        LibAccess.requireOwner();
        // A mark that is too high for what is lost would halt again as soon as prices say so.
        (int256 marked,,) = LibBooks.unrealised(false);
        LibBreakers.resume(marked);
    }

    /// @inheritdoc IFleet
    function markToMarket() external nonReentrant returns (int256 marked, uint256 unpriced, bool halted) {
        (marked, unpriced,) = LibBooks.unrealised(true);
        halted = LibBreakers.haltIfMarkedDown(marked);
    }

    /// @inheritdoc IFleet
    function getBot(uint256 bot) external view nonReentrantView returns (BotView memory) {
        return LibStats.bot(bot);
    }

    /// @inheritdoc IFleet
    function getBots() external view nonReentrantView returns (BotView[25] memory) {
        return LibStats.bots();
    }

    /// @inheritdoc IFleet
    function getLot() external view returns (uint32) {
        return uint32(LibFleet.core().lot());
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IFleet.initializeStrikeBots.selector,
            IFleet.configureBot.selector,
            IFleet.fundBots.selector,
            IFleet.defundBots.selector,
            IFleet.rebalance.selector,
            IFleet.rebalanceByPerformance.selector,
            IFleet.setLot.selector,
            IFleet.resume.selector,
            IFleet.markToMarket.selector,
            IFleet.getBot.selector,
            IFleet.getBots.selector,
            IFleet.getLot.selector
        );
    }
}
