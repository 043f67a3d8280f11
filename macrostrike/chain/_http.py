"""One HTTP request to a node, exactly once, with failures that show nothing of the URL."""

from __future__ import annotations

import base64
import logging
import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import ClassVar
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
    TimeoutError,
)

from macrostrike.chain._bridge import is_on_loop, wait_for
from macrostrike.errors import NodeUnavailable

_CONNECTIONS = 16  # kept open; more threads open more, for one request each
_CONNECT_SECONDS = 5.0


class _WithoutPaths(logging.Filter):
    """urllib3 logs the path of each request, which may be a key, when it is asked for details."""

    paths: ClassVar[set[str]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and self.paths.intersection(map(str, record.args)):
            record.args = tuple("…" if str(each) in self.paths else each for each in record.args)
        return True


logging.getLogger(urllib3.connectionpool.__name__).addFilter(_WithoutPaths())


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server answered. `retry_after` is in seconds, None where it says nothing."""

    status: int
    body: bytes
    retry_after: float | None


class Endpoint:
    """A node's address. Safe to use from several threads.

    `timeout` is in seconds, for each request. Proxies of the environment are used, but never to
    this machine itself. Raises `NodeUnavailable` for what is not an HTTP URL.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        self._timeout, self._is_here = timeout, False
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme.lower() not in ("http", "https"):
            raise NodeUnavailable(url, "the URL must begin with http:// or https://", sent=False)
        self._is_here = is_here(host)
        self._path = parts.path or "/"
        if parts.query:
            self._path += "?" + parts.query
        if self._path != "/":
            _WithoutPaths.paths.add(self._path)
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        if parts.username is not None:
            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
        self._pool = _pool(
            parts.scheme.lower(),
            host,
            port,
            timeout=urllib3.Timeout(connect=min(timeout, _CONNECT_SECONDS), read=timeout),
        )

    def post(self, body: bytes) -> HttpAnswer:
        """Sends a body once. Raises `NodeUnavailable`, which tells whether it may have left."""
        if is_on_loop():
            return self._post_on_loop(body)
        try:
            response = self._pool.urlopen(
                "POST", self._path, body, self._headers, retries=False, redirect=False
            )
        except (NewConnectionError, NameResolutionError, ProxyError):
            raise NodeUnavailable(self.url, "no connection", sent=False) from None
        except ConnectTimeoutError:
            raise NodeUnavailable(self.url, "it took too long to connect", sent=False) from None
        except TimeoutError:
            raise NodeUnavailable(self.url, "it took too long") from None
        except (SSLError, ssl.SSLError):
            raise NodeUnavailable(self.url, "no secure connection (TLS)") from None
        except (HTTPError, OSError, ValueError):
            # What urllib3 and the system say shows the URL.
            raise NodeUnavailable(self.url, "the connection was cut") from None
        return HttpAnswer(
            response.status, response.data, _seconds(response.headers.get("Retry-After"))
        )

    def _post_on_loop(self, body: bytes) -> HttpAnswer:
        from macrostrike.chain import _async_http

        timeout = self._timeout
        status, content, retry_after = wait_for(
            _async_http.post(
                self.url,
                self._path,
                body,
                self._headers,
                timeout=timeout,
                connect=min(timeout, _CONNECT_SECONDS),
                by_proxy=not self._is_here,
            )
        )
        return HttpAnswer(status, content, _seconds(retry_after))


def _pool(
    scheme: str, host: str, port: int | None, timeout: urllib3.Timeout
) -> urllib3.HTTPConnectionPool:
    proxy = getproxies().get(scheme)
    manager = urllib3.PoolManager(maxsize=_CONNECTIONS, timeout=timeout)
    if proxy and not is_here(host) and not proxy_bypass(host):
        manager = urllib3.ProxyManager(proxy, maxsize=_CONNECTIONS, timeout=timeout)
    return manager.connection_from_host(host, port, scheme)


def is_here(host: str) -> bool:
    """Whether a host is this machine, where no proxy of the environment is used."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _seconds(retry_after: str | None) -> float | None:
    """Of a `Retry-After`, which is a number of seconds or a date."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    return max(0.0, (at - datetime.now(timezone.utc)).total_seconds())
