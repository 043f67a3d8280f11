"""An engine's signer: it keeps a record, and refuses to contradict it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from types import TracebackType
from typing import Any, Protocol

from macrostrike.errors.predicting import BothSides, ClaimLoses, NonceSigned, UnderFloor
from macrostrike.signing import prediction_digest, sign_prediction
from macrostrike.types import BPS, MIN_CONFIDENCE_BPS, Prediction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS signed (
    chain_id INTEGER NOT NULL,
    diamond TEXT NOT NULL,
    engine TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    digest BLOB NOT NULL,
    market INTEGER NOT NULL,
    is_long INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (chain_id, diamond, engine, nonce)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS windows ON signed (chain_id, diamond, engine, market, valid_until);
"""


class EngineAccount(Protocol):
    """An `eth_account` `LocalAccount`, or anything alike."""

    @property
    def address(self) -> Any:
        """The engine's address."""

    def sign_message(self, signable_message: Any) -> Any:
        """The signature, 65 bytes in its `signature`."""


class EngineSigner:
    """Signs the predictions of one engine for one diamond.

    Refused are: a nonce that was signed for another prediction, the other side of a market while
    what was signed is valid, a confidence under `floor_bps`, and barriers that lose money by the
    prediction's own confidence. The same prediction again returns the same signature. The record is
    committed before a signature leaves, and may be shared by processes on one machine.

    record: its SQLite file; by default in memory, for replays and tests.

    The key stays in `account`; it is in no record and no message.
    """

    def __init__(
        self,
        account: EngineAccount,
        *,
        chain_id: int,
        diamond: str,
        record: str | os.PathLike[str] = ":memory:",
        floor_bps: int = MIN_CONFIDENCE_BPS,
    ) -> None:
        self._account = account
        self._domain = (chain_id, diamond)
        self._key = (chain_id, diamond, str(account.address))
        self._floor_bps = floor_bps
        self._record = sqlite3.connect(record, isolation_level=None)
        self._record.execute("PRAGMA journal_mode = WAL")
        self._record.execute("PRAGMA synchronous = FULL")
        self._record.executescript(_SCHEMA)

    def __enter__(self) -> EngineSigner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the record."""
        self._record.close()

    @property
    def address(self) -> str:
        """The engine's."""
        return self._key[2]

    def next_nonce(self, highest_on_chain: int) -> int:
        """Above all that were signed, and all that were used."""
        query = "SELECT max(nonce) FROM signed WHERE chain_id = ? AND diamond = ? AND engine = ?"
        with closing(self._record.execute(query, self._key)) as rows:
            (highest,) = rows.fetchone()
        return max(highest or 0, highest_on_chain) + 1

    def sign(self, prediction: Prediction) -> bytes:
        """The signature, 65 bytes. Raises a `RefusedToSign`, and `SigningError`."""
        self._require_sound(prediction)
        digest = prediction_digest(prediction, *self._domain)
        self._record.execute("BEGIN IMMEDIATE")
        try:
            if not self._is_signed(prediction, digest):
                self._require_one_side(prediction)
                self._write(prediction, digest)
        except BaseException:
            self._record.execute("ROLLBACK")
            raise
        self._record.execute("COMMIT")
        return sign_prediction(prediction, self._account, *self._domain)

    def _require_sound(self, prediction: Prediction) -> None:
        confidence = prediction.confidence_bps
        gain, loss = prediction.take_profit_bps, prediction.stop_loss_bps
        if confidence < self._floor_bps:
            raise UnderFloor(confidence, self._floor_bps)
        if gain and confidence * gain <= (BPS - confidence) * loss:
            raise ClaimLoses(confidence, gain, loss)

    def _is_signed(self, prediction: Prediction, digest: bytes) -> bool:
        query = (
            "SELECT digest FROM signed WHERE chain_id = ? AND diamond = ? AND engine = ? "
            "AND nonce = ?"
        )
        row = self._record.execute(query, (*self._key, prediction.nonce)).fetchone()
        if row is not None and row[0] != digest:
            raise NonceSigned(prediction.nonce, row[0])
        return row is not None

    def _require_one_side(self, prediction: Prediction) -> None:
        query = (
            "SELECT nonce, valid_until FROM signed WHERE chain_id = ? AND diamond = ? "
            "AND engine = ? AND market = ? AND is_long <> ? AND valid_until >= ? "
            "AND valid_from <= ? LIMIT 1"
        )
        side = int(prediction.signal.is_long)
        window = (prediction.valid_from, prediction.valid_until)
        row = self._record.execute(query, (*self._key, prediction.market, side, *window)).fetchone()
        if row is not None:
            raise BothSides(prediction.market, *row)

    def _write(self, prediction: Prediction, digest: bytes) -> None:
        values = (
            *self._key,
            prediction.nonce,
            digest,
            prediction.market,
            int(prediction.signal.is_long),
            prediction.valid_from,
            prediction.valid_until,
        )
        marks = ", ".join("?" * len(values))
        self._record.execute(f"INSERT INTO signed VALUES ({marks})", values)
