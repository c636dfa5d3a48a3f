"""Automatic persisted queries: clients send a hash, and the text only when nobody knows it.

Spec: Apollo, automatic persisted queries, version 1.
"""

from hashlib import sha256
from typing import Protocol

from router.errors import ErrorCode, RefusedError, ResponseError, refuse
from router.kit.json import JsonValue
from router.kit.lru import LruCache
from router.pipeline.shared_plans import KEPT_WEIGHT_MAX

NOT_CACHED = (("cache-control", "private, no-cache, must-revalidate"),)
OK_STATUS = 200
HASH_LENGTH = 64


class QueryStore(Protocol):
    """Texts by their SHA-256 in lower-case hexadecimal."""

    async def find(self, key: str) -> str | None:
        """The text, None if it is not known (any more)."""
        ...

    async def put(self, key: str, text: str) -> None:
        """Keep a text for some time."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class MemoryQueryStore:
    """Texts in this process; long ones are not kept, so memory is bounded."""

    def __init__(self, size_max: int) -> None:
        self._texts: LruCache[str, str] = LruCache(size_max)

    async def find(self, key: str) -> str | None:
        """The text, None if it is not known (any more)."""
        return self._texts.find(key)

    async def put(self, key: str, text: str) -> None:
        """Keep a text that is not too long."""
        if len(text) <= KEPT_WEIGHT_MAX:
            self._texts.put(key, text)

    async def close(self) -> None:
        """Nothing is open."""


class LayeredQueryStore:
    """What is near is asked first; what only the far one knows is kept near too."""

    def __init__(self, near: QueryStore, far: QueryStore) -> None:
        self._near = near
        self._far = far

    async def find(self, key: str) -> str | None:
        """The text, None if neither knows it."""
        text = await self._near.find(key)
        if text is None:
            text = await self._far.find(key)
            # The far one is shared: what it says counts only if it is true.
            if text is None or hash_text(text) != key:
                return None
            await self._near.put(key, text)
        return text

    async def put(self, key: str, text: str) -> None:
        """Keep a text in both."""
        await self._near.put(key, text)
        await self._far.put(key, text)

    async def close(self) -> None:
        """Close both."""
        await self._near.close()
        await self._far.close()


def hash_text(text: str) -> str:
    """A text's hash as clients send it."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_hash(extension: JsonValue) -> str | None:
    """The hash in `extensions.persistedQuery`; None if that has another form, which then says nothing."""
    if not isinstance(extension, dict) or extension.get("version") != 1:
        return None
    given = extension.get("sha256Hash")
    return given if isinstance(given, str) else None


async def find_text(key: str, query: str | None, store: QueryStore | None) -> str | None:
    """The text that a request with this hash asks for; one that it brings is kept.

    Raises:
        RefusedError: PERSISTED_QUERY_NOT_SUPPORTED, PERSISTED_QUERY_NOT_FOUND or PERSISTED_QUERY_HASH_MISMATCH.
    """
    if store is None:
        raise _refuse_for_now("PersistedQueryNotSupported", ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
    if query is None:
        known = await find_known_text(key, store)
        if known is None:
            raise _refuse_for_now("PersistedQueryNotFound", ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        return known
    key = key.lower()
    if hash_text(query) != key:
        raise refuse("provided sha does not match query", ErrorCode.PERSISTED_QUERY_HASH_MISMATCH)
    await store.put(key, query)
    return query


async def find_known_text(key: str, store: QueryStore | None) -> str | None:
    """The text that was kept under this hash; None if there is none, or nobody keeps any."""
    key = key.lower()
    return await store.find(key) if store is not None and _is_hash(key) else None


def _is_hash(key: str) -> bool:
    return len(key) == HASH_LENGTH and set(key) <= set("0123456789abcdef")


def _refuse_for_now(message: str, code: ErrorCode) -> RefusedError:
    """A refusal that makes clients send the text: nobody may keep it, and it counts as an answer."""
    error = ResponseError(message, extensions={"code": code})
    return RefusedError([error], status=OK_STATUS, headers=NOT_CACHED, is_data_null=True)
