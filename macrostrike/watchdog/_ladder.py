"""Signed transactions that pause a diamond: one nonce, rising fees."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.abi import diamond_abi
from macrostrike.chain import Signer, Transport
from macrostrike.chain.signed import read_signed
from macrostrike.chain.transport import Fees
from macrostrike.errors import MacroStrikeError

FACTORS = (2, 8, 32)
"""What each rung offers for gas, in multiples of what a transaction sent now would."""
_GWEI = 10**9
_HEADROOM = 2  # of the gas that pausing is estimated to need


class LadderInvalid(MacroStrikeError):
    """A file is not a ladder, or has a transaction in it that does more than pause its diamond."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"ladder {path}: {reason}. Sign it again: `ape run watchdog --arm`.")
        self.path = path
        self.reason = reason


class GuardianUnfunded(MacroStrikeError):
    """The guardian could not pay for the highest rung. Amounts are in wei."""

    def __init__(self, guardian: str, needed: int, balance: int) -> None:
        super().__init__(
            f"guardian {guardian} has {balance / 1e18:.6f} ether, and the highest rung can cost "
            f"{needed / 1e18:.6f}: send it the difference, or sign with smaller factors."
        )
        self.guardian = guardian
        self.needed = needed
        self.balance = balance


@dataclass(frozen=True, slots=True)
class Rung:
    """One signed transaction. `fees` is what it offers."""

    signed: bytes
    fees: Fees
    gas: int

    @property
    def hash(self) -> bytes:
        return keccak(self.signed)

    @property
    def max_cost(self) -> int:
        """Wei that it can cost at most."""
        return self.gas * self.fees.max_fee


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs of one guardian and one nonce, the cheapest first. `signed_at` is Unix seconds."""

    chain_id: int
    diamond: str
    guardian: str
    nonce: int
    signed_at: float
    rungs: tuple[Rung, ...]

    def save(self, path: Path) -> None:
        """Writes the ladder for its owner alone, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "chain_id": self.chain_id,
            "diamond": self.diamond,
            "guardian": self.guardian,
            "signed_at": self.signed_at,
            "signed": ["0x" + rung.signed.hex() for rung in self.rungs],
        }
        # A temporary file is readable by its owner alone, and so is what it replaces.
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise

    @classmethod
    def load(cls, path: Path, *, diamond: str, chain_id: int) -> Ladder:
        """Reads a ladder, and looks at what each of its transactions does.

        Raises `LadderInvalid` unless all of them pause this diamond on this chain, and nothing
        else, with one nonce of one account.
        """
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
            signed = [bytes.fromhex(each.removeprefix("0x")) for each in content["signed"]]
            signed_at = float(content["signed_at"])
            is_here = (content["diamond"], content["chain_id"]) == (diamond, chain_id)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
            reason = f"it can't be read ({type(failure).__name__})"
            raise LadderInvalid(str(path), reason) from failure
        if not is_here:
            raise LadderInvalid(str(path), f"it is not for diamond {diamond} on chain {chain_id}")
        try:
            return _ladder(signed, diamond, chain_id, signed_at)
        except ValueError as failure:
            raise LadderInvalid(str(path), str(failure)) from failure


def sign_ladder(
    transport: Transport,
    diamond: str,
    guardian: Signer,
    *,
    now: float,
    factors: Sequence[int] = FACTORS,
) -> Ladder:
    """Has a guardian sign a ladder with its next nonce.

    The guardian must do nothing else: a nonce that is used makes the ladder worthless. Raises
    `Reverted` where it may not pause, and `GuardianUnfunded`.
    """
    address, data = str(guardian.address), diamond_abi().encode_call("pause")
    gas = _HEADROOM * transport.estimate_gas(diamond, data, sender=address)
    nonce, fees = transport.nonce(address), transport.fees()
    signed = []
    for factor in sorted(factors):
        transaction = {
            "chainId": transport.chain_id,
            "nonce": nonce,
            "to": diamond,
            "data": data,
            "value": 0,
            "gas": gas,
            **_times(fees, factor).fields(),
        }
        signed.append(bytes(guardian.sign_transaction(transaction).raw_transaction))
    ladder = _ladder(signed, diamond, transport.chain_id, now)
    needed, balance = max(rung.max_cost for rung in ladder.rungs), transport.balance(address)
    if balance < needed:
        raise GuardianUnfunded(address, needed, balance)
    return ladder


def _times(fees: Fees, factor: int) -> Fees:
    """More for gas; a tip of one gwei at least, since a pause is in a hurry."""
    if fees.priority is None:
        return Fees(max(fees.max_fee, _GWEI) * factor, None)
    priority = max(fees.priority, _GWEI) * factor
    return Fees(fees.max_fee * factor + priority, priority)


def _ladder(signed: Sequence[bytes], diamond: str, chain_id: int, signed_at: float) -> Ladder:
    """Raises `ValueError` unless each transaction pauses the diamond and does nothing else."""
    if not signed:
        raise ValueError("it has no transaction")
    read = [read_signed(each) for each in signed]
    pause = diamond_abi().encode_call("pause")
    for each in read:
        if (each.to, each.data, each.value) != (diamond, pause, 0):
            raise ValueError(f"a transaction does not pause {diamond}")
    if len({(each.sender, each.nonce) for each in read}) > 1:
        raise ValueError("its transactions have more than one account or nonce")
    rungs = [Rung(raw, each.fees, each.gas) for raw, each in zip(signed, read, strict=True)]
    return Ladder(
        chain_id=chain_id,
        diamond=diamond,
        guardian=read[0].sender,
        nonce=read[0].nonce,
        signed_at=signed_at,
        rungs=tuple(sorted(rungs, key=lambda rung: rung.fees.max_fee)),
    )
