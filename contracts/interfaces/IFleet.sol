// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BotConfig, BotView, FleetConfig} from "../types/StrikeTypes.sol";

/// @title The fleet: 25 bots, their settings and their capital
/// @notice A bot is a sleeve of capital with its own risk fraction, minimum confidence and sides. What it holds in open
/// strikes is locked: no function here touches it.
/// @dev Every state-changing function is nonReentrant and works while paused or halted. All are for the owner; the two
/// that rebalance also for operators who may.
interface IFleet {
    /// @notice The fleet was initialised.
    event FleetInitialized(address indexed quote, uint8 unitExponent, uint32 lot, BotConfig[25] bots);
    /// @notice A bot's settings changed.
    event BotConfigured(uint256 indexed bot, BotConfig config);
    /// @notice Quote moved from the reserve to the bots' equity, by bot, in raw units.
    event FleetFunded(uint256 total, uint256[25] amounts);
    /// @notice Quote moved from the bots' free equity to the reserve, by bot, in raw units.
    event FleetDefunded(uint256 total, uint256[25] amounts);
    /// @notice Free equity moved between bots. `equity` is what each has now, in raw units.
    event Rebalanced(address indexed by, uint256[25] equity);
    /// @notice The lot changed, in book units.
    event LotSet(uint32 lot);
    /// @notice The owner let strikes go on; the breakers start afresh. `highWater` in raw units.
    event Resumed(uint256 highWater);

    /// @notice The fleet is initialized already.
    /// @custom:group config
    /// @custom:remedy Change bots with `configureBot` and the lot with `setLot`.
    error AlreadyInitialized();
    /// @notice The fleet is not initialized.
    /// @custom:group gate
    /// @custom:remedy Let the owner call `initializeStrikeBots` first.
    error NotInitialized();
    /// @notice Setting `field` cannot be `value`.
    /// @custom:text field
    /// @custom:group config
    /// @custom:remedy See `FleetConfig` and `BotConfig` for the ranges.
    error InvalidConfig(bytes32 field, uint256 value);
    /// @notice There is no bot `bot`.
    /// @custom:group config
    /// @custom:remedy Use 0 to 24.
    error UnknownBot(uint256 bot);
    /// @notice Bot `bot` would have an equity of `equity` book units, which exceeds 42 bits.
    /// @custom:group treasury
    /// @custom:remedy Fund less, or initialize with a larger book unit.
    error EquityOverflow(uint256 bot, uint256 equity);
    /// @notice `asked` raw units were requested from bot `bot`, which has `available` free.
    /// @custom:group treasury
    /// @custom:remedy Settle its strikes, or request less.
    error InsufficientEquity(uint256 bot, uint256 asked, uint256 available);
    /// @notice All weights are zero.
    /// @custom:group config
    /// @custom:remedy Give at least one bot a weight.
    error NoWeights();
    /// @notice No strike may be open for this. Open strikes: `count`.
    /// @custom:group config
    /// @custom:remedy Settle them first.
    error StrikesOpen(uint256 count);
    /// @notice No breaker has halted the fleet.
    /// @custom:remedy There is nothing to resume.
    error NotHalted();

    /// @notice Sets the quote token, the units and the 25 bots, once. Owner only. Bots start without capital.
    /// @param config Quote token, units, lot in book units, and the 25 bots.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function initializeStrikeBots(FleetConfig calldata config) external;

    /// @notice Changes one bot for strikes to come; open strikes are not disturbed. Owner only.
    /// @param bot Its number, 0 to 24.
    /// @param config Its new settings, all of them.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function configureBot(uint256 bot, BotConfig calldata config) external;

    /// @notice Moves quote from the reserve to the bots. Owner only. Each amount is rounded down to book units.
    /// @param amounts Raw quote units for each bot.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function fundBots(uint256[25] calldata amounts) external;

    /// @notice Moves free equity from the bots to the reserve. Owner only. Works while paused or halted.
    /// @param amounts Raw quote units from each bot, rounded down to book units.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function defundBots(uint256[25] calldata amounts) external;

    /// @notice Spreads the bots' free equity by weights; what open strikes hold stays. Owner or operator.
    /// @param weights Relative, one for each bot; their sum is what counts. The total is conserved to the unit.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function rebalance(uint64[25] calldata weights) external;

    /// @notice Spreads the bots' free equity by what their strategies have delivered: the posterior mean of the win
    /// rate over 80 %, between a floor of 3 % and a ceiling of 15 %, shared by a strategy's active bots. Owner or
    /// operator.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function rebalanceByPerformance() external;

    /// @notice Sets the lot, in book units. Owner only, while no strike is open. At most 1023 lots of
    /// a bot are free at a time, and in one strike.
    /// @param lot Book units of quote, not 0.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function setLot(uint32 lot) external;

    /// @notice Lets strikes go on after a breaker: its high-water mark becomes today's equity, less what open strikes
    /// have lost by now, by the oracle's price or the pool's mean, whichever is better for the fleet. Owner only.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function resume() external;

    /// @notice Marks the open strikes to the reference prices, and halts new strikes where equity and what they gained
    /// or lost by now are under 90 % of the high-water mark. Anyone.
    /// @dev Each strike at the best of its market's prices for the fleet, of which no trade of the running second changes
    /// any. One whose market has no price but that of the second's beginning counts as even.
    /// @return marked What the open strikes would add to equity, or take from it, raw quote units.
    /// @return unpriced How many of them count as even for that.
    /// @return halted Whether strikes are halted now.
    /// @custom:reentrancy guarded
    /// @custom:pause works while paused
    function markToMarket() external returns (int256 marked, uint256 unpriced, bool halted);

    /// @notice One bot, 0 to 24.
    /// @param bot Its number.
    /// @return Its strategy, settings, and equity and locked equity in raw quote units.
    function getBot(uint256 bot) external view returns (BotView memory);

    /// @notice All 25 bots.
    /// @return As of `getBot`, by number.
    function getBots() external view returns (BotView[25] memory);

    /// @notice The lot in book units.
    /// @return Book units of quote; 0 until the fleet is initialised.
    function getLot() external view returns (uint32);
}
