"""Everything that MacroStrike raises."""

from __future__ import annotations

from urllib.parse import urlsplit


class MacroStrikeError(Exception):
    """The root: catching it catches all that this package raises on purpose."""


class ChainError(MacroStrikeError):
    """A chain could not be asked, or did not take what it was given."""


class NodeUnavailable(ChainError):
    """The node does not answer: down, unreachable, refusing, or too slow.

    `url` is without path and user, which are often a provider's secret.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.url = _without_secrets(url)
        self.reason = reason.replace(url, self.url)
        super().__init__(
            f"no answer from the node at {self.url}: {self.reason}. "
            "Check that it runs and that the URL is right."
        )


class NodeError(ChainError):
    """The node answered with an error that is no revert, such as missing funds or a wrong nonce."""

    def __init__(self, method: str, code: int, reason: str) -> None:
        super().__init__(f"{method} was refused by the node (code {code}): {reason}")
        self.method = method
        self.code = code
        self.reason = reason


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
    """A transaction was sent, but no receipt came in time. It may still be mined."""

    def __init__(self, transaction_hash: bytes, seconds: float) -> None:
        super().__init__(
            f"transaction 0x{transaction_hash.hex()} was sent, but not mined within {seconds:g} s. "
            "It may still be: look it up before sending it again."
        )
        self.transaction_hash = transaction_hash
        self.seconds = seconds


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


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else url
