"""A supergraph that is fetched: from the first of several URLs that gives it, again only if it has changed (`ETag`).

The client is the standard library's, which leaves no threads behind: a process with threads cannot be forked safely.
"""

import hashlib
import logging
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from router.config.problems import ConfigurationError

logger = logging.getLogger(__name__)

FETCH_TIMEOUT_S = 30.0
"""Apollo Router's for Uplink."""

SDL_BYTES_MAX = 64 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
NOT_MODIFIED = 304


@dataclass(slots=True)
class _Source:
    """One URL, and what it gave last."""

    url: str
    tag: str | None = None
    sdl: str | None = None


class SupergraphUrls:
    """URLs of one supergraph, the best one first."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Take where it may be.

        Raises:
            ConfigurationError: one is no `http://` or `https://` URL.
        """
        wrong = [
            url for url in urls if not url.startswith(("http://", "https://")) or not urlsplit(url).hostname
        ]
        if wrong:
            raise ConfigurationError(
                [f"{url!r} is no http:// or https:// URL of a supergraph" for url in wrong]
            )
        self._sources = [_Source(url) for url in urls]
        self._stamp: str | None = None

    @property
    def stamp(self) -> str | None:
        """The stamp of what was fetched last."""
        return self._stamp

    def fetch(self) -> str:
        """The supergraph's SDL from the first URL that gives it.

        Raises:
            ConfigurationError: none does; it says why not.
        """
        problems = []
        for source in self._sources:
            try:
                sdl = self._fetch(source)
            except (OSError, HTTPException, ValueError) as error:
                reason = f"status {error.code}" if isinstance(error, HTTPError) else _describe(error)
                problems.append(f"the supergraph cannot be fetched from {_show(source.url)}: {reason}")
                continue
            for problem in problems:
                logger.warning("%s", problem)
            self._stamp = hashlib.sha256(sdl.encode()).hexdigest()
            return sdl
        raise ConfigurationError(problems)

    def find_stamp(self) -> str | None:
        """What tells one supergraph from another, as it is now; as it was last if it cannot be fetched."""
        try:
            self.fetch()
        except ConfigurationError as error:
            logger.warning("%s", error)
        return self._stamp

    def _fetch(self, source: _Source) -> str:
        ends_at_s = time.monotonic() + FETCH_TIMEOUT_S
        try:
            with _build_opener().open(_build_request(source), timeout=FETCH_TIMEOUT_S) as response:
                sdl = _read(response, ends_at_s).decode("utf-8")
                source.tag, source.sdl = response.headers.get("etag"), sdl
                return sdl
        except HTTPError as error:
            error.close()
            if error.code == NOT_MODIFIED and source.sdl is not None:
                return source.sdl
            raise


def _build_opener() -> OpenerDirector:
    """What speaks HTTP and nothing else, after redirects neither."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        UnknownHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        HTTPRedirectHandler,
        HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _build_request(source: _Source) -> Request:
    parts = urlsplit(source.url)
    host = parts.netloc.rpartition("@")[2]
    request = Request(urlunsplit(parts._replace(netloc=host)), headers={"accept": "text/plain, */*;q=0.5"})  # noqa: S310 -- only http and https get here
    if source.tag is not None:
        request.add_header("if-none-match", source.tag)
    if parts.username is not None:
        name = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        # A redirect must not carry it elsewhere.
        request.add_unredirected_header("authorization", f"Basic {b64encode(name.encode()).decode()}")
    return request


def _read(response: HTTPResponse, ends_at_s: float) -> bytes:
    text = b""
    while chunk := response.read(CHUNK_BYTES):
        text += chunk
        if len(text) > SDL_BYTES_MAX:
            raise ValueError(f"it has more than {SDL_BYTES_MAX} bytes")
        if time.monotonic() > ends_at_s:
            raise TimeoutError("it takes too long")
    return text


def _show(url: str) -> str:
    """The URL without what may be secret: user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _describe(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(reason) or type(error).__name__
