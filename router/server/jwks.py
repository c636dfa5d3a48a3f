"""Fetching the keys that tokens are checked with, seldom and safely.

Keys are fetched when a token first needs them and again when they are older than their poll interval;
the old ones serve meanwhile, so that a slow issuer delays nobody.
A token that names an unknown key makes them be fetched at once, but not more often than every
`REFETCH_S`: an attacker can invent key ids, and must not make us flood the issuer. When a fetch fails,
the keys known before stay in use.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from router.kit.json import JsonValue, read_json
from router.pipeline.generation import KeyStore
from router.policy.authentication import VerificationKey
from router.policy.options import JwksSource
from router.policy.signatures import read_keys

logger = logging.getLogger(__name__)

FETCH_TIMEOUT_S = 15.0
"""Apollo Router's."""

REFETCH_S = 10.0

RETRY_S = 1.0
"""After a failed fetch: an issuer that has just come up must not be waited for."""

DOCUMENT_BYTES_MAX = 1_000_000
SUCCESS_STATUS = 200


@dataclass(slots=True)
class _Source:
    options: JwksSource
    # What the issuer has said last.
    document: JsonValue = None
    keys: tuple[VerificationKey, ...] = ()
    # On the monotonic clock; None until the first attempt.
    fetched_at_s: float | None = None
    is_failed: bool = False

    def is_older_than(self, age_s: float) -> bool:
        age_s = min(age_s, RETRY_S) if self.is_failed else age_s
        return self.fetched_at_s is None or time.monotonic() - self.fetched_at_s >= age_s


class JwksStore:
    """The keys of all configured sources. One instance serves all requests."""

    def __init__(self, sources: Sequence[JwksSource]) -> None:
        self._sources = [_Source(each) for each in sources]
        self._known: tuple[VerificationKey, ...] = ()
        self._lock = asyncio.Lock()
        self._refresh: asyncio.Task[bool] | None = None

    async def get_keys(self) -> Sequence[VerificationKey]:
        """The keys as known now, the same object until they change; waits for a fetch only if none are known."""
        if any(source.is_older_than(source.options.poll_interval_s) for source in self._sources):
            if self._refresh is None or self._refresh.done():
                self._refresh = asyncio.create_task(self._fetch_old())
            if not self._known:
                await asyncio.shield(self._refresh)
        return self._known

    async def refresh(self) -> bool:
        """Fetch again, since a token names an unknown key; False if all sources were fetched just now."""
        async with self._lock:
            return await self._fetch_older_than(REFETCH_S)

    def learn_from(self, other: KeyStore) -> None:
        """Begin with the keys that `other` has: they are fetched again with the first token, which need not wait for that."""
        for source in self._sources:
            document = other.find_document(source.options) if isinstance(other, JwksStore) else None
            if document is not None:
                source.document, source.keys = document, read_keys(document, source.options)
        self._gather()

    def find_document(self, options: JwksSource) -> JsonValue:
        """What the issuer of a source has said last, whatever else is wanted of its tokens; None if nothing."""
        for each in self._sources:
            if (each.options.url, each.options.headers) == (options.url, options.headers):
                return each.document
        return None

    async def close(self) -> None:
        """Give up a fetch under way."""
        if self._refresh is not None:
            self._refresh.cancel()

    async def _fetch_old(self) -> bool:
        async with self._lock:
            return await self._fetch_older_than(None)

    async def _fetch_older_than(self, age_s: float | None) -> bool:
        old = [
            source
            for source in self._sources
            if source.is_older_than(source.options.poll_interval_s if age_s is None else age_s)
        ]
        await asyncio.gather(*(_fetch(source) for source in old))
        if old:
            self._gather()
        return bool(old)

    def _gather(self) -> None:
        self._known = tuple(key for source in self._sources for key in source.keys)


async def _fetch(source: _Source) -> None:
    """Fetch one document; on failure keep the keys and try again after the usual interval."""
    url = source.options.url
    try:
        document = read_json(await _read_document(url, source.options.headers))
        keys = read_keys(document, source.options)
    except (OSError, ValueError, PyreqwestError) as error:
        logger.warning("keys cannot be fetched from %s: %s", url, type(error).__name__)
        source.is_failed = True
    else:
        source.document, source.keys, source.is_failed = document, keys, False
    source.fetched_at_s = time.monotonic()


async def _read_document(url: str, headers: Sequence[tuple[str, str]]) -> bytes:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return await asyncio.to_thread(_read_file, Path(unquote(parts.path)))
    async with _build_client() as client:
        request = client.get(url).headers([("accept", "application/json"), *headers])
        async with request.build_streamed() as response:
            if response.status != SUCCESS_STATUS:
                msg = f"status {response.status}"
                raise ValueError(msg)
            document = b""
            while (chunk := await response.body_reader.read_chunk()) is not None:
                document += bytes(chunk)
                if len(document) > DOCUMENT_BYTES_MAX:
                    msg = "the document is too large"
                    raise ValueError(msg)
            return document


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        document = file.read(DOCUMENT_BYTES_MAX + 1)
    if len(document) > DOCUMENT_BYTES_MAX:
        msg = "the document is too large"
        raise ValueError(msg)
    return document


def _build_client() -> Client:
    return (
        ClientBuilder()
        .timeout(timedelta(seconds=FETCH_TIMEOUT_S))
        .follow_redirects(enable=False)
        .no_proxy()
        .build()
    )
