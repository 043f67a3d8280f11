"""Several nodes of one chain: which is asked first, which is healthy, which is behind the others.

A node is unhealthy from 30 % of failures in its last 20 requests on, once there were 10, and until
there are fewer than 10 %. Whatever a healthy one has just failed at is asked of the next; it is
tried again in the background, and comes first again when it answers.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from macrostrike.chain._http import Endpoint
from macrostrike.errors import NodeUnavailable

_WINDOW, _MIN_REQUESTS = 20, 10
_ENTERS, _LEAVES = 0.30, 0.10
_PROBE_EVERY = 1.0  # seconds
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)
"""Upper bounds of the buckets of durations, in seconds."""


class Health:
    """A node's last requests, and whether it is healthy by them."""

    def __init__(self) -> None:
        self._failed: deque[bool] = deque(maxlen=_WINDOW)
        self.is_healthy = True

    @property
    def has_just_failed(self) -> bool:
        """Whether its last request failed."""
        return bool(self._failed) and self._failed[-1]

    def note(self, *, failed: bool) -> None:
        """One more request."""
        self._failed.append(failed)
        ratio = sum(self._failed) / len(self._failed)
        if ratio < _LEAVES:
            self.is_healthy = True
        elif ratio >= _ENTERS and len(self._failed) >= _MIN_REQUESTS:
            self.is_healthy = False


@dataclass
class Node:
    """One node. `is_checked`: whether it is known to be of the same chain as the others."""

    endpoint: Endpoint
    health: Health = field(default_factory=Health)
    is_checked: bool = False
    probed_at: float = 0.0

    @property
    def url(self) -> str:
        """With its secrets: not to be shown."""
        return self.endpoint.url

    @property
    def is_in_order(self) -> bool:
        """Whether it is to be asked before others."""
        return self.health.is_healthy and not self.health.has_just_failed


class NodeBehind(NodeUnavailable):
    """A node has not seen blocks that another one has: what it says of the latest is not believed.

    `height` is its latest block.
    """

    def __init__(self, url: str, height: int, head: int) -> None:
        super().__init__(url, f"it is {head - height} blocks behind the other nodes")
        self.height = height


@dataclass(frozen=True, slots=True)
class Durations:
    """How long requests took: how many up to each of `BOUNDS`, how many at all, their sum in s."""

    buckets: tuple[int, ...]
    count: int
    total: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went to the nodes.

    healthy: each node, in the order given.
    requests: by method and by result: `ok`, `reverted`, `refused`, `failed`.
    bounds: as of `Durations.buckets`.
    """

    healthy: tuple[bool, ...]
    requests: dict[tuple[str, str], Durations]
    bounds: tuple[float, ...] = BOUNDS


class Nodes:
    """The nodes in order of preference. Safe for threads."""

    def __init__(self, urls: Sequence[str], timeout: float) -> None:
        self.all = [Node(Endpoint(url, timeout)) for url in urls]
        self._lock = threading.Lock()
        self._head = -1
        self._counts: dict[tuple[str, str], Counter[int]] = {}
        self._totals: dict[tuple[str, str], float] = {}

    @property
    def are_several(self) -> bool:
        return len(self.all) > 1

    def in_order(self) -> list[Node]:
        """Those to ask, one after the other: healthy ones first, as they were given."""
        with self._lock:
            return sorted(self.all, key=lambda n: (not n.health.is_healthy, not n.is_in_order))

    def note(self, node: Node, method: str, status: str, seconds: float) -> None:
        """A request's result, and how long it took."""
        bucket = next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        with self._lock:
            node.health.note(failed=status == "failed")
            self._counts.setdefault((method, status), Counter())[bucket] += 1
            self._totals[method, status] = self._totals.get((method, status), 0.0) + seconds

    def note_height(self, node: Node, height: int) -> None:
        """Its latest block. Raises `NodeBehind` where another has a later one."""
        with self._lock:
            if height < self._head:
                raise NodeBehind(node.url, height, self._head)
            self._head = height

    def step_back(self, height: int) -> None:
        """All say so: the chain itself has gone back."""
        with self._lock:
            self._head = height

    def probe(self, ask: Callable[[Node], object]) -> None:
        """Asks what is not in order, in the background, so that it can come back."""
        if not self.are_several:
            return
        now = time.monotonic()
        with self._lock:
            due = [n for n in self.all if not n.is_in_order and now - n.probed_at >= _PROBE_EVERY]
            for node in due:
                node.probed_at = now
        for node in due:
            threading.Thread(target=_quietly, args=(ask, node), daemon=True).start()

    def traffic(self) -> Traffic:
        """All that was asked so far."""
        with self._lock:
            return Traffic(
                healthy=tuple(node.health.is_healthy for node in self.all),
                requests={
                    key: Durations(
                        tuple(sum(c[i] for i in range(n + 1)) for n in range(len(BOUNDS))),
                        sum(c.values()),
                        self._totals[key],
                    )
                    for key, c in self._counts.items()
                },
            )


def _quietly(ask: Callable[[Node], object], node: Node) -> None:
    try:
        ask(node)
    except Exception:
        return  # noted where it was asked
