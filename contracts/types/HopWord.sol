// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hop} from "./AmmTypes.sol";
import {Venue} from "./MarketTypes.sol";

/// @dev A hop's pool and how it is used, lowest field first: 160 pool + 24 fee + 8 venue + 1 zeroForOne + 1 etherIn +
/// 1 etherOut + 5 free + 32 id = 232 bits. See Hop.
type HopWord is uint256;

using {unpackTo} for HopWord global;

uint256 constant FEE_AT = 160;
uint256 constant VENUE_AT = 184;
uint256 constant DIRECTION_AT = 192;
uint256 constant ETHER_IN_AT = 193;
uint256 constant ETHER_OUT_AT = 194;
uint256 constant ID_AT = 200;

function hopWordOf(Hop memory hop) pure returns (HopWord) {
    uint256 word = uint160(hop.pool) | (uint256(hop.fee) << FEE_AT) | (uint256(hop.venue) << VENUE_AT)
        | (uint256(hop.id) << ID_AT);
    if (hop.zeroForOne) word |= 1 << DIRECTION_AT;
    if (hop.etherIn) word |= 1 << ETHER_IN_AT;
    if (hop.etherOut) word |= 1 << ETHER_OUT_AT;
    return HopWord.wrap(word);
}

/// @dev What is in the word; the hop's token and amount stay as they are.
function unpackTo(HopWord self, Hop memory hop) pure {
    uint256 word = HopWord.unwrap(self);
    hop.pool = address(uint160(word));
    hop.fee = uint24(word >> FEE_AT);
    hop.venue = Venue(uint8(word >> VENUE_AT));
    hop.zeroForOne = (word >> DIRECTION_AT) & 1 == 1;
    hop.etherIn = (word >> ETHER_IN_AT) & 1 == 1;
    hop.etherOut = (word >> ETHER_OUT_AT) & 1 == 1;
    hop.id = uint32(word >> ID_AT);
}
