"""The layer that answers fetches from the cache, asks for what is missing, and keeps what may be kept.

A fetch at the root is kept as a whole. A fetch of entities is kept entity by entity: those that are known are not asked
for again, and the answer is put together as if all had been. Only queries' fetches are looked up; an answer with errors is
not kept.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from router.executor.content_types import find_content_type_fault
from router.executor.headers import CREDENTIALS
from router.executor.layers import FetchCall, Send
from router.executor.response_cache.freshness import judge
from router.executor.response_cache.options import ResponseCacheOptions, SubgraphCacheOptions
from router.executor.response_cache.store import (
    ENTRY_BYTES_MAX,
    TAG_LENGTH_MAX,
    TAGS_MAX,
    Entry,
    Store,
    tag_of_subgraph,
    tag_of_tag,
    tag_of_type,
)
from router.executor.response_cache.tags import TagFinder
from router.executor.response_cache.trace import Seen, is_asked, tell
from router.executor.transport import SubgraphAnswer
from router.hooks.context import OPERATION_KIND, Context
from router.kit.cache_control import CacheControl, merge_cache_control
from router.kit.json import JsonObject, JsonValue, RawJson, read_faulty_json, read_json, write_json
from router.query_plan.nodes import Fetch, OperationKind
from router.supergraph.cache_tags import CacheTags

OK = 200
ROOT_TAGS, ENTITY_TAGS = "apolloCacheTags", "apolloEntityCacheTags"

Count = Callable[[str, str, bool, int], None]
"""Told of a subgraph, a type, whether something was found, and how many."""


@dataclass(slots=True)
class _Part:
    """One root fetch or one representation, and what is known of it.

    Attributes:
        key: without the caller.
        typename: the entity's, or `Query`.
        representation: None for a root fetch.
    """

    key: str
    typename: str
    representation: JsonObject | None = None
    entry: Entry | None = None


class ResponseCache:
    """Answers from its stores what they have.

    Attributes:
        store: of the subgraphs that have none of their own.
        count: told of what is found.
        tags: the tags that fetches have besides those that subgraphs tell.
        credentials: headers of requests that say who calls.
    """

    def __init__(
        self,
        options: ResponseCacheOptions,
        store: Store,
        count: Count = lambda *_: None,
        tags: CacheTags | None = None,
        credentials: frozenset[str] = CREDENTIALS,
        stores: Mapping[str, Store] | None = None,
    ) -> None:
        """`tags` are those of the supergraph's `@cacheTag`; `stores` those that subgraphs have of their own."""
        self._stores = stores or {}
        self.options = options
        self.store = store
        self.count = count
        self.tags = TagFinder(tags or CacheTags())
        self.credentials = credentials

    def __call__(self, send: Send) -> Send:
        """What sends a call through the layer."""
        return lambda call: self.pass_on(call, send)

    async def pass_on(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """The answer, from the cache as far as it has it.

        Raises:
            TransportError: no usable answer.
        """
        options = self.options.of_subgraph(call.fetch.subgraph)
        is_query = call.context.entries.get(OPERATION_KIND, "query") == OperationKind.QUERY
        if not options.is_enabled or not is_query or call.fetch.operation_kind is not OperationKind.QUERY:
            return await send(call)
        if call.request.url is not None:
            # What is elsewhere may be another's.
            return await send(call)
        lookup = _Lookup(self, options, call)
        return await (lookup.answer_entities(send) if call.fetch.entities else lookup.answer_root(send))

    def find_store(self, subgraph: str) -> Store:
        """Where the answers of a subgraph are kept."""
        return self._stores.get(subgraph, self.store)

    async def invalidate(self, tags: Iterable[tuple[str, str]]) -> int:
        """Throw away every entry that has one of `tags`, each with its subgraph; gives how many there were."""
        by_store: dict[Store, list[str]] = {}
        for subgraph, tag in tags:
            by_store.setdefault(self.find_store(subgraph), []).append(tag)
        return sum([await store.invalidate(own) for store, own in by_store.items()])

    async def close(self) -> None:
        """Let go of the stores' connections."""
        for store in (self.store, *self._stores.values()):
            await store.close()


class _Lookup:
    """One fetch on its way through the cache."""

    def __init__(self, cache: ResponseCache, options: SubgraphCacheOptions, call: FetchCall) -> None:
        self._store = cache.find_store(call.fetch.subgraph)
        self._options = options
        self._call = call
        self._caller = _find_caller(call.context, options.private_id)
        self._count = cache.count
        self._tags = cache.tags
        self._credentials = cache.credentials
        self._is_told = cache.options.is_told and is_asked(call)

    async def answer_root(self, send: Send) -> SubgraphAnswer:
        """Answer a fetch at the root."""
        call = self._call
        part = _Part(_hash(call.fetch.subgraph, "root", call.request.body), "Query")
        await self._find([part])
        if part.entry is not None:
            body = b'{"data":' + part.entry.value + b"}"
            return SubgraphAnswer(OK, body, _write_headers([_describe(part.entry)]))
        answer = await send(call)
        document = _read_answer(answer)
        if document is not None:
            tags = _read_tags(_read_extension(document, ROOT_TAGS))
            tags += self._tags.find_of_root(call.fetch, call.request.body)
            await self._keep(answer, [(part, document["data"], tags)])
        return answer

    async def answer_entities(self, send: Send) -> SubgraphAnswer:
        """Answer a fetch of entities."""
        call, fetch = self._call, self._call.fetch
        asked = read_json(call.request.body)
        parts = _build_parts(fetch, asked)
        if parts is None:
            return await send(call)
        variables = asked["variables"]
        await self._find([part for own in parts for part in own])
        if all(part.entry is None for own in parts for part in own):
            answer = await send(call)
            await self._keep_entities(answer, parts)
            return answer
        for selection, own in zip(fetch.entities, parts, strict=True):
            name = selection.representations_variable
            variables[name] = [
                each for each, part in zip(variables[name], own, strict=True) if part.entry is None
            ]
        found = [_describe(part.entry) for own in parts for part in own if part.entry is not None]
        if len(found) == sum(map(len, parts)):
            return SubgraphAnswer(OK, _join(fetch, parts, {}), _write_headers(found))
        sent = replace(call, request=replace(call.request, body=write_json(asked)))
        answer = await send(sent)
        missing = [[part for part in own if part.entry is None] for own in parts]
        document = _read_document(answer)
        if document is None or not _fits(fetch, missing, document):
            # What is wrong with it is told as it is.
            return answer if document is None else await send(call)
        control = await self._keep_entities(answer, missing)
        headers = {**answer.headers, **_write_headers([*found, control])}
        return SubgraphAnswer(answer.status, _join(fetch, parts, document), headers)

    async def _find(self, parts: list[_Part]) -> None:
        """Find what is known: what the caller alone may have, else what everybody may."""
        keys = [part.key for part in parts]
        if self._caller is not None:
            keys += [_own(part.key, self._caller) for part in parts]
        entries = await self._store.find(keys)
        own = entries[len(parts) :] or [None] * len(parts)
        for part, shared, private in zip(parts, entries, own, strict=False):
            part.entry = private or shared
            if self._is_told and part.entry is not None:
                self._tell(part, read_json(part.entry.value), _describe(part.entry), part.entry.tags)
        lookups = Counter((part.typename, part.entry is not None) for part in parts)
        for (typename, is_hit), count in lookups.items():
            self._count(self._call.fetch.subgraph, typename, is_hit, count)

    async def _keep_entities(self, answer: SubgraphAnswer, parts: list[list[_Part]]) -> CacheControl | None:
        document, fetch = _read_answer(answer), self._call.fetch
        if document is None or not _fits(fetch, parts, document):
            return None
        tags = _read_extension(document, ENTITY_TAGS)
        tags = tags if isinstance(tags, list) else []
        found: list[tuple[_Part, JsonValue, list[str]]] = []
        for selection, own in zip(fetch.entities, parts, strict=True):
            for part, value in zip(own, document["data"][selection.response_key], strict=True):
                # The tags are those of all entities in the order of the selections.
                position = len(found)
                told = _read_tags(tags[position] if position < len(tags) else None)
                own_tags = self._tags.find_of_entity(fetch.subgraph, part.representation or {})
                found.append((part, value, told + own_tags))
        return await self._keep(answer, [each for each in found if each[1] is not None])

    async def _keep(
        self, answer: SubgraphAnswer, found: list[tuple[_Part, JsonValue, list[str]]]
    ) -> CacheControl | None:
        """Keep values, if their answer may be kept; gives how."""
        control = judge(self._call.request, answer, self._options, self._credentials)
        may_be_kept = control is not None and control.max_age_s is not None
        is_kept = may_be_kept and not (control and control.is_private and self._caller is None)
        if self._is_told:
            for part, value, tags in found:
                self._tell(part, value, control, self._name_tags(part, tags), is_kept=is_kept)
        if control is None or control.max_age_s is None:
            return None
        if not is_kept:
            return control
        expires_at_s = time.time() + control.max_age_s
        entries: list[tuple[str, Entry]] = []
        for part, value, tags in found:
            text = write_json(value)
            if len(text) > ENTRY_BYTES_MAX:
                continue
            key = _own(part.key, self._caller) if control.is_private and self._caller else part.key
            names = self._name_tags(part, tags)
            entries.append((key, Entry(text, expires_at_s, control.is_private, names)))
        if entries:
            await self._store.put(entries)
        return control

    def _name_tags(self, part: _Part, tags: list[str]) -> tuple[str, ...]:
        subgraph = self._call.fetch.subgraph
        names = (tag_of_subgraph(subgraph), tag_of_type(subgraph, part.typename))
        return (*names, *(tag_of_tag(subgraph, tag) for tag in tags))

    def _tell(
        self,
        part: _Part,
        value: JsonValue,
        control: CacheControl | None,
        tags: tuple[str, ...],
        *,
        is_kept: bool | None = None,
    ) -> None:
        """Tell a developer of a part: one that was found, or with `is_kept` whether an answer is kept."""
        is_found = is_kept is None
        seen = Seen(
            part.key, part.typename, part.representation, value, control, tags, is_found, bool(is_kept)
        )
        tell(self._call, seen)


def _find_caller(context: Context, key: str) -> str | None:
    """Who the caller is, where private answers are told apart; None if that is not known."""
    value = context.entries.get(key) if key else None
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        return None
    return hashlib.sha256(str(value).encode()).hexdigest()


def _own(key: str, caller: str) -> str:
    return f"{key}:{caller}"


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(raw) + raw)
    return digest.hexdigest()


def _build_parts(fetch: Fetch, asked: JsonObject) -> list[list[_Part]] | None:
    """The representations of each selection; None if hooks have left something else.

    Whatever else is asked is part of each key.
    """
    variables = asked.get("variables")
    names = {selection.representations_variable for selection in fetch.entities}
    if not isinstance(variables, dict) or not all(_is_list_of_objects(variables.get(name)) for name in names):
        return None
    common = write_json(
        [
            fetch.subgraph,
            asked.get("query"),
            {name: variables[name] for name in variables if name not in names},
        ]
    )
    return [
        [
            _Part(_hash(common, selection.response_key, write_json(each)), str(each.get("__typename")), each)
            for each in variables[selection.representations_variable]
        ]
        for selection in fetch.entities
    ]


def _is_list_of_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _read_document(answer: SubgraphAnswer) -> JsonObject | None:
    """The GraphQL response in an answer; None if there is none, or the answer says that it is something else."""
    if answer.status != OK or find_content_type_fault(answer.headers.get("content-type")) is not None:
        return None
    try:
        document = read_faulty_json(answer.body)
    except ValueError:
        return None
    is_response = isinstance(document, dict) and isinstance(document.get("data"), dict | None)
    return document if is_response else None


def _read_answer(answer: SubgraphAnswer) -> JsonObject | None:
    """The same, if it has data and no errors."""
    document = _read_document(answer)
    return None if document is None or document.get("data") is None or document.get("errors") else document


def _fits(fetch: Fetch, parts: list[list[_Part]], document: JsonObject) -> bool:
    """Whether there is an entity, or null, for each representation; or nothing but errors."""
    if document.get("data") is None:
        return True
    for selection, own in zip(fetch.entities, parts, strict=True):
        entities = document["data"].get(selection.response_key)
        if not isinstance(entities, list) or len(entities) != len(own):
            return False
    return True


def _join(fetch: Fetch, parts: list[list[_Part]], document: JsonObject) -> bytes:
    """The answer with what is known in its place; errors point to where their entities come to stand."""
    data: JsonObject = {}
    places: dict[str, list[int]] = {}
    for selection, own in zip(fetch.entities, parts, strict=True):
        key = selection.response_key
        fresh = iter((document.get("data") or {}).get(key) or ())
        data[key] = [next(fresh, None) if part.entry is None else RawJson(part.entry.value) for part in own]
        places[key] = [i for i, part in enumerate(own) if part.entry is None]
    joined: JsonObject = {**document, "data": data}
    if isinstance(document.get("errors"), list):
        joined["errors"] = [_move(error, places) for error in document["errors"]]
    return write_json(joined)


def _move(error: JsonValue, places: dict[str, list[int]]) -> JsonValue:
    path = error.get("path") if isinstance(error, dict) else None
    if not isinstance(path, list) or len(path) < 2 or not isinstance(path[1], int):  # noqa: PLR2004 -- key and index
        return error
    own = places.get(path[0]) if isinstance(path[0], str) else None
    if own is None or not 0 <= path[1] < len(own):
        return error
    return {**error, "path": [path[0], own[path[1]], *path[2:]]}


def _describe(entry: Entry) -> CacheControl:
    return CacheControl(int(entry.expires_at_s - time.time()), is_private=entry.is_private)


def _write_headers(controls: Sequence[CacheControl | None]) -> dict[str, str]:
    """What an answer says of itself that the cache has put together; None stands for what is not to be kept."""
    merged = merge_cache_control(controls)
    return {"content-type": "application/json", "cache-control": merged.write()}


def _read_extension(document: JsonObject, name: str) -> JsonValue:
    extensions = document.get("extensions")
    return extensions.get(name) if isinstance(extensions, dict) else None


def _read_tags(tags: JsonValue) -> list[str]:
    if not isinstance(tags, list):
        return []
    return [tag for tag in tags[:TAGS_MAX] if isinstance(tag, str) and len(tag) <= TAG_LENGTH_MAX]
