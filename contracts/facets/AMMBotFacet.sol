// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAMMBot} from "../interfaces/IAMMBot.sol";
import {IFacet} from "../interfaces/IFacet.sol";
import {LibAccess} from "../libraries/access/LibAccess.sol";
import {LibAmm} from "../libraries/cycle/LibAmm.sol";
import {LibArbitrage} from "../libraries/cycle/LibArbitrage.sol";
import {LibBooks} from "../libraries/fleet/LibBooks.sol";
import {AMMTokenStats, ArbitrageOrder, AttemptBin, TokenCap} from "../types/AmmTypes.sol";

/// @title AMM bots
contract AMMBotFacet is IAMMBot, IFacet, ReentrancyGuardTransient {
    /// @inheritdoc IAMMBot
    function initializeAMMBots(TokenCap[] calldata caps) external nonReentrant {
        LibAccess.requireOwner();
        LibAmm.initialize(caps);
    }

    /// @inheritdoc IAMMBot
    function setAMMCap(address token, uint128 maxAmountIn) external nonReentrant {
        LibAccess.requireOwner();
        LibAmm.setCap(token, maxAmountIn);
    }

    /// @inheritdoc IAMMBot
    function fundAMM(address token, uint256 amount) external nonReentrant {
        LibAccess.requireOwner();
        LibBooks.carryDust();
        LibAmm.fund(token, amount);
    }

    /// @inheritdoc IAMMBot
    function defundAMM(address token, uint256 amount) external nonReentrant {
        LibAccess.requireOwner();
        LibAmm.defund(token, amount);
    }

    /// @inheritdoc IAMMBot
    function executeArbitrage(ArbitrageOrder calldata order)
        external
        nonReentrant
        returns (uint256 amountIn, uint256 profit)
    {
        return LibArbitrage.execute(order);
    }

    /// @inheritdoc IAMMBot
    /// @dev Not guarded as a whole: the arbitrage is a guarded call of its own, so that a miss is undone whole.
    function attemptArbitrage(ArbitrageOrder calldata order)
        external
        returns (bool hit, uint256 amountIn, uint256 profit)
    {
        // Otherwise a call from within a running swap would be counted as a miss.
        if (_reentrancyGuardEntered()) revert ReentrancyGuardReentrantCall();
        return LibArbitrage.attempt(order);
    }

    /// @inheritdoc IAMMBot
    function getArbitrageCalibration(uint16 modelId) external view returns (AttemptBin[7] memory bins) {
        return LibAmm.attemptsOf(modelId);
    }

    /// @inheritdoc IAMMBot
    /// @dev Three frames. This one asks a second one, in the diamond's own name, which always fails, so that nothing
    /// remains of the trial: with what it found, in words that it alone chose. It has a third one do the swaps, whose
    /// failure may be any token's word and is passed on as no more than that.
    function quoteArbitrage(ArbitrageOrder calldata order) external returns (uint256 amountIn, int256 profit) {
        if (msg.sender != address(this)) {
            try IAMMBot(address(this)).quoteArbitrage(order) {
                assert(false);
            } catch (bytes memory outcome) {
                return LibArbitrage.quoted(order, outcome);
            }
        }
        try IAMMBot(address(this)).tryArbitrage(order) returns (uint256 taken, uint256 made) {
            revert ArbitrageQuoted(taken, made);
        } catch (bytes memory reason) {
            revert ArbitrageFailed(reason);
        }
    }

    /// @inheritdoc IAMMBot
    function tryArbitrage(ArbitrageOrder calldata order)
        external
        nonReentrant
        returns (uint256 amountIn, uint256 profit)
    {
        if (msg.sender != address(this)) revert NotTheDiamond(msg.sender);
        return LibArbitrage.trial(order);
    }

    /// @inheritdoc IAMMBot
    function getAMMStats() external view returns (AMMTokenStats[] memory) {
        return LibAmm.stats();
    }

    /// @inheritdoc IFacet
    function exportSelectors() external pure returns (bytes memory selectors) {
        return bytes.concat(
            IAMMBot.initializeAMMBots.selector,
            IAMMBot.setAMMCap.selector,
            IAMMBot.fundAMM.selector,
            IAMMBot.defundAMM.selector,
            IAMMBot.executeArbitrage.selector,
            IAMMBot.attemptArbitrage.selector,
            IAMMBot.getArbitrageCalibration.selector,
            IAMMBot.quoteArbitrage.selector,
            IAMMBot.tryArbitrage.selector,
            IAMMBot.getAMMStats.selector
        );
    }
}
