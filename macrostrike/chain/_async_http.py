"""HTTP requests that an event loop awaits: as `Endpoint.post`, with the same failures."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import urlsplit, urlunsplit
from weakref import WeakKeyDictionary

import aiohttp

from macrostrike.errors import NodeUnavailable

_CONNECTIONS = 64
_Kept = dict[bool, AsyncGenerator[aiohttp.ClientSession, None]]
_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, _Kept] = WeakKeyDictionary()
_Sessions = dict[bool, aiohttp.ClientSession]  # by whether the environment's proxies are used
_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, _Sessions] = WeakKeyDictionary()


async def post(
    url: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    connect: float,
    by_proxy: bool,
) -> tuple[int, bytes, str | None]:
    """Status, body and `Retry-After` of what a server answers to one request.

    `url` is the node's, and `path` what of it is asked for. `by_proxy`: by that of the environment,
    if there is one. Raises `NodeUnavailable`.
    """
    parts = urlsplit(url.strip())
    host = parts.netloc.rpartition("@")[2]
    at = urlunsplit((parts.scheme.lower(), host, "", "", "")) + path
    limits = aiohttp.ClientTimeout(sock_connect=connect, sock_read=timeout, total=None)
    session = await _session(by_proxy)
    try:
        async with session.post(
            at, data=body, headers=headers, timeout=limits, allow_redirects=False
        ) as answer:
            return answer.status, await answer.read(), answer.headers.get("Retry-After")
    except aiohttp.ConnectionTimeoutError:
        raise NodeUnavailable(url, "it took too long to connect", sent=False) from None
    except (aiohttp.ClientSSLError, ssl.SSLError):
        raise NodeUnavailable(url, "no secure connection (TLS)") from None
    except aiohttp.ClientConnectorError:
        raise NodeUnavailable(url, "no connection", sent=False) from None
    except asyncio.TimeoutError:
        raise NodeUnavailable(url, "it took too long") from None
    except (aiohttp.ClientError, OSError, ValueError):
        # What the library and the system say shows the URL.
        raise NodeUnavailable(url, "the connection was cut") from None


async def close() -> None:
    """Closes this loop's connections."""
    loop = asyncio.get_running_loop()
    _sessions.pop(loop, None)
    for kept in _kept.pop(loop, {}).values():
        await kept.aclose()


async def _session(by_proxy: bool) -> aiohttp.ClientSession:
    """This loop's."""
    loop = asyncio.get_running_loop()
    sessions = _sessions.setdefault(loop, {})
    if by_proxy not in sessions:
        kept = _kept.setdefault(loop, {})[by_proxy] = _opened(by_proxy)
        sessions[by_proxy] = await anext(kept)
    return sessions[by_proxy]


async def _opened(by_proxy: bool) -> AsyncGenerator[aiohttp.ClientSession, None]:
    """A generator, as a loop that ends closes those that are left."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, trust_env=by_proxy) as session:
        yield session
