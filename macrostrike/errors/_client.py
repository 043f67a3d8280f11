"""What goes wrong on this side of the chain."""

from __future__ import annotations

from collections.abc import Mapping

from macrostrike._roots import MacroStrikeError
from macrostrike.errors.redaction import shown_url, without_secrets

__all__ = [
    "AbiError",
    "AnvilMissing",
    "ArtifactsMissing",
    "ChainError",
    "DiamondMissing",
    "InvalidPrediction",
    "InvalidValue",
    "MalformedAnswer",
    "ManifestError",
    "NodeError",
    "NodeUnavailable",
    "NoncePending",
    "NonceTaken",
    "Reverted",
    "SignerMissing",
    "SigningError",
    "StrikeNotFound",
    "TransactionNotMined",
    "TransactionRefused",
    "UnknownCode",
    "WrongChain",
]


class ChainError(MacroStrikeError):
    """A chain could not be asked, or did not take what it was given."""


class NodeUnavailable(ChainError):
    """The node does not answer: down, unreachable, refusing, or too slow.

    `url` is without path, query and user, which are often a provider's secret. `sent` is False
    where the request has certainly not left this machine. `status` is the answer's in HTTP, 0
    where there was none; `retry_after` how many seconds the node wants to be left alone, where it
    says so.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        sent: bool = True,
        status: int = 0,
        retry_after: float | None = None,
    ) -> None:
        self.url = shown_url(url)
        self.reason = without_secrets(reason, url)
        self.sent = sent
        self.status = status
        self.retry_after = retry_after
        super().__init__(
            f"no answer from the node at {self.url}: {self.reason}. "
            "Check that it runs and that the URL is right."
        )


class NodeError(ChainError):
    """The node answered with an error that is not a revert, such as missing funds or a wrong nonce.

    `status` and `retry_after` are as of `NodeUnavailable`.
    """

    status: int = 0
    retry_after: float | None = None

    def __init__(self, method: str, code: int, reason: str) -> None:
        super().__init__(f"{method} was refused by the node (code {code}): {reason}")
        self.method = method
        self.code = code
        self.reason = reason


class MalformedAnswer(NodeError):
    """The node's answer has another shape than the method has. `reason` says what is wrong."""

    def __init__(self, method: str, reason: str) -> None:
        super().__init__(method, 0, f"the answer makes no sense: {reason}")


class TransactionRefused(NodeError):
    """The node refused a signed transaction for good: these bytes will never be mined."""

    def __init__(self, transaction_hash: bytes, code: int, reason: str) -> None:
        super().__init__("eth_sendRawTransaction", code, reason)
        self.transaction_hash = transaction_hash


class NonceTaken(TransactionRefused):
    """Another transaction of the same account has used the nonce: two programs have one key.

    Nothing happened, and nothing is lost: the same call may be sent anew.
    """

    def __init__(self, transaction_hash: bytes, code: int, reason: str) -> None:
        message = (
            f"{reason}. Another program sends with the same key: this transaction will never be "
            "mined. Send it anew, and give each program its own key, or one executor to both."
        )
        super().__init__(transaction_hash, code, message)
        self.reason = reason


class NoncePending(TransactionRefused):
    """Another transaction with the nonce waits in the node's pool, and offers as much for gas.

    These bytes are in no pool; the same call may be sent anew, with the next nonce.
    """


class WrongChain(ChainError):
    """The node serves another chain than the one that was meant."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(
            f"the node serves chain {actual}, but chain {expected} is meant. "
            "Use another node or another manifest."
        )
        self.expected = expected
        self.actual = actual


class TransactionNotMined(ChainError):
    """A transaction was sent, but no receipt is known. It may still be mined, or be mined already.

    `seconds` is how long it was waited for; `reason` is the last that the node said, if anything.
    """

    def __init__(self, transaction_hash: bytes, seconds: float, reason: str = "") -> None:
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"transaction 0x{transaction_hash.hex()} was sent, but no receipt is known after "
            f"{seconds:g} s{because}. It may be mined, now or later: look it up with "
            "client.outcome(hash) before sending it again."
        )
        self.transaction_hash = transaction_hash
        self.seconds = seconds
        self.reason = reason


class Reverted(ChainError):
    """A call or transaction reverted; `data` is what the contract gave, empty when it gave none.

    `reason` says why an execution stopped without a revert, such as `OutOfGas`; it is empty
    otherwise. The client decodes `data` into a `ContractError`.
    """

    def __init__(self, data: bytes, reason: str = "") -> None:
        super().__init__(f"reverted: {reason or '0x' + data.hex()}")
        self.data = data
        self.reason = reason


class AnvilMissing(ChainError):
    """The local node's program is not installed."""

    def __init__(self, searched: str) -> None:
        super().__init__(f"anvil was not found on PATH or in {searched}: run `make setup`.")
        self.searched = searched


class DiamondMissing(ChainError):
    """There is no code where the diamond should be."""

    def __init__(self, diamond: str, chain_id: int) -> None:
        super().__init__(
            f"there is no contract at {diamond} on chain {chain_id}: "
            "the manifest is another chain's, or a local chain was started afresh. Deploy again."
        )
        self.diamond = diamond
        self.chain_id = chain_id


class UnknownCode(MacroStrikeError):
    """A diamond, or a facet of it, has code that is neither this build's nor one that was named.

    unknown: the addresses, and the Keccak hash of the code at each.
    """

    def __init__(self, diamond: str, unknown: Mapping[str, str]) -> None:
        places = ", ".join(f"{address} (code {code})" for address, code in unknown.items())
        super().__init__(
            f"of the diamond {diamond} this is not known code: {places}. What is approved to it "
            "could be lost. Read that code, then name its hashes, by --code-hash; or let any pass, "
            "by --trust-any-code"
        )
        self.diamond = diamond
        self.unknown = dict(unknown)


class ArtifactsMissing(MacroStrikeError):
    """The compiled contracts are not there."""

    def __init__(self, name: str, folder: str) -> None:
        super().__init__(f"{name}.json is not in {folder}: run `make build`.")
        self.name = name
        self.folder = folder


class AbiError(MacroStrikeError, ValueError):
    """A call that the ABI does not allow, or data that it does not explain."""


class InvalidValue(MacroStrikeError, ValueError):
    """A field has a value that no chain would take."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} can't be {value!r}: {allowed}")
        self.field = field
        self.value = value
        self.allowed = allowed


class InvalidPrediction(InvalidValue):
    """A prediction that no chain would take, whatever its state."""


class ManifestError(MacroStrikeError):
    """A deployment's manifest can't be read, or lacks something. `key` is what, where known."""

    def __init__(self, path: str, reason: str, key: str | None = None) -> None:
        super().__init__(f"manifest {path}: {reason}")
        self.path = path
        self.reason = reason
        self.key = key


class SigningError(MacroStrikeError):
    """A signature could not be made, or not be read. Never says anything of the key."""


class StrikeNotFound(MacroStrikeError):
    """The chain holds no strike of that id: none was opened, or its slot was used again."""

    def __init__(self, strike_id: int, opened: int) -> None:
        why = (
            "it is settled and its slot was used again; its result is in the events"
            if 0 < strike_id <= opened
            else f"ids go from 1 to {opened}"
            if opened
            else "none was opened yet"
        )
        super().__init__(f"there is no strike #{strike_id} on chain: {why}.")
        self.strike_id = strike_id
        self.opened = opened


class SignerMissing(SigningError):
    """What was asked for needs a signer, and the client has none."""

    def __init__(self, function: str) -> None:
        super().__init__(f"{function} sends a transaction: connect with `signer=…`.")
        self.function = function
