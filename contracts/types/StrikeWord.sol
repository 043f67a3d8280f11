// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Prediction, StrikeRecord} from "./StrikeTypes.sol";

/// @dev A strike's record in one word, lowest field first: 32 id + 96 baseAmount + 32 openedAt + 24 horizon +
/// 16 takeProfitBps + 16 stopLossBps + 16 confidenceBps + 8 market + 16 modelId = 256 bits. See StrikeRecord.
type StrikeWord is uint256;

using {
    opened,
    id,
    baseAmount,
    openedAt,
    horizon,
    takeProfitBps,
    stopLossBps,
    confidenceBps,
    market,
    modelId,
    withHorizon,
    unpack
} for StrikeWord global;

/// @return Of a strike that opens in this second: without the id and the base, which are not known yet.
function termsOf(Prediction calldata prediction) view returns (StrikeWord) {
    return StrikeWord.wrap(
        (uint256(uint32(block.timestamp)) << 128) | (uint256(prediction.horizon) << 160)
            | (uint256(prediction.takeProfitBps) << 184) | (uint256(prediction.stopLossBps) << 200)
            | (uint256(prediction.confidenceBps) << 216) | (uint256(prediction.market) << 232)
            | (uint256(prediction.modelId) << 240)
    );
}

/// @param self Terms without an id and a base.
/// @param id_ At most 32 bits, as all ids.
/// @param baseAmount_ At most 96 bits.
function opened(StrikeWord self, uint256 id_, uint256 baseAmount_) pure returns (StrikeWord) {
    return StrikeWord.wrap(StrikeWord.unwrap(self) | id_ | (baseAmount_ << 32));
}

function id(StrikeWord self) pure returns (uint256) {
    return uint32(StrikeWord.unwrap(self));
}

function baseAmount(StrikeWord self) pure returns (uint256) {
    return uint96(StrikeWord.unwrap(self) >> 32);
}

function openedAt(StrikeWord self) pure returns (uint256) {
    return uint32(StrikeWord.unwrap(self) >> 128);
}

function horizon(StrikeWord self) pure returns (uint24) {
    return uint24(StrikeWord.unwrap(self) >> 160);
}

function takeProfitBps(StrikeWord self) pure returns (uint16) {
    return uint16(StrikeWord.unwrap(self) >> 184);
}

function stopLossBps(StrikeWord self) pure returns (uint16) {
    return uint16(StrikeWord.unwrap(self) >> 200);
}

function confidenceBps(StrikeWord self) pure returns (uint16) {
    return uint16(StrikeWord.unwrap(self) >> 216);
}

function market(StrikeWord self) pure returns (uint8) {
    return uint8(StrikeWord.unwrap(self) >> 232);
}

function modelId(StrikeWord self) pure returns (uint16) {
    return uint16(StrikeWord.unwrap(self) >> 240);
}

/// @param seconds_ At most 24 bits.
function withHorizon(StrikeWord self, uint256 seconds_) pure returns (StrikeWord) {
    return StrikeWord.wrap((StrikeWord.unwrap(self) & ~(uint256(type(uint24).max) << 160)) | (seconds_ << 160));
}

function unpack(StrikeWord self) pure returns (StrikeRecord memory) {
    return StrikeRecord({
        id: uint32(self.id()),
        baseAmount: uint96(self.baseAmount()),
        openedAt: uint32(self.openedAt()),
        horizon: self.horizon(),
        takeProfitBps: self.takeProfitBps(),
        stopLossBps: self.stopLossBps(),
        confidenceBps: self.confidenceBps(),
        market: self.market(),
        modelId: self.modelId()
    });
}
