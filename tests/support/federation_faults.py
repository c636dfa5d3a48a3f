"""Subgraphs that fail, are slow or lie: a function of what is asked for each entity, and of nothing else.

An executor may ask for an entity once or as often as it occurs, in this order or that: it hears the same of it.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, execute_sync

from router.executor.transport import SubgraphAnswer, SubgraphTimeoutError, TransportError
from router.kit.json import JsonObject, JsonValue
from tests.support.apollo_plans import REPRESENTATIONS
from tests.support.federation_schemas import read_operation
from tests.support.federation_world import Handle, Thing, World, WorldSubgraph

_JSON = {"content-type": "application/json"}
_GRAPHQL = {"content-type": "application/graphql-response+json; charset=utf-8"}
_HTML = {"content-type": "text/html"}
_NO: JsonObject = {"message": "no", "extensions": {"code": "NO"}}

LEAVES: tuple[JsonValue, ...] = (
    "x", "", "\u00e9\u2028\U0001f600", 0, -1, 7, 2**31 - 1, -(2**31), 1.0, 0.5, 1e-9, True, False,
)  # fmt: skip
OBJECTS: tuple[JsonValue, ...] = ({}, {"id": 1}, "x", 3)
LISTS: tuple[JsonValue, ...] = ([], [None], {}, "x")
TREES: tuple[JsonValue, ...] = ([], {}, [None], [[]], [1], {"id": 1})
TYPENAMES: tuple[JsonValue, ...] = ("Nobody", "Query", "", 3, None)

EXCHANGES = (
    "refused", "timeout", "status with page", "status with answer", "status of protocol", "page", "no type", "no JSON",
    "broken off", "empty", "list", "null", "nothing", "data null", "data and errors null", "only errors", "no errors",
    "errors null", "data text", "data list",
)  # fmt: skip
TOLD_OTHERWISE = {
    "status with answer": "",
    "status of protocol": "only errors",
    "nothing": "refused",
    "data null": "refused",
    "data and errors null": "refused",
    "data text": "refused",
    "data list": "refused",
}
"""What Apollo's gateway is told instead, to do what Apollo Router does with the former."""

ENTITIES = ("short", "long", "null", "no list", "missing", "scalars")


@dataclass
class FailingSubgraph(WorldSubgraph):
    """A subgraph some of whose resolvers fail, for the same objects as those of all others.

    Attributes:
        seed: another one fails elsewhere.
        rate: of a hundred fields of objects so many fail.
    """

    seed: int = 0
    rate: int = 0

    def answer(self, text: str, variables: JsonObject | None) -> JsonObject:
        """Run an operation, as any GraphQL server does: an error nulls its field, or the nearest that may be null."""
        document, faults = read_operation(self.sdl, text)
        if faults:
            # A gateway's fault, and an answer like any other.
            return {"data": None, "errors": [{"message": f"{self.name} was sent an invalid operation"}]}
        result = execute_sync(
            self.schema,
            document,
            variable_values=variables,
            field_resolver=self._resolve,
            type_resolver=self._resolve_type,
        )
        errors = [{"message": each.message, "path": each.path} for each in result.errors or ()]
        return {"data": result.data, **({"errors": errors} if errors else {})}

    def _resolve(self, handle: Handle | None, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._find_or_fail(each) for each in arguments["representations"]]
        thing = handle.thing if handle is not None else Thing("Query", 0)
        place = f"{thing.type_name}.{thing.id}.{info.field_name}"
        if Random(f"{self.seed} {place}").randrange(100) < self.rate:  # noqa: S311 -- a reproducible draw, no secret
            raise GraphQLError(f"{place} fails")
        return super()._resolve(handle, info, **arguments)

    def _find_or_fail(self, representation: Mapping[str, Any]) -> Handle | GraphQLError | None:
        if all(value is None for key, value in representation.items() if key != "__typename"):
            # Apollo's gateway asks for nobody, ours does not: a subgraph may well say that there is none.
            return None
        try:
            return self._find(representation)
        except GraphQLError as error:
            return error


@dataclass
class FaultySubgraphs:
    """Answers for the subgraphs of a world.

    Attributes:
        seed: another one has other faults.
        resolvers: of a hundred fields of objects so many fail.
        exchanges: of a hundred requests so many fail as a whole.
        values: of a hundred entities so many are told wrongly; of the answers of root fetches too.
        kinds: what may be wrong with values; see `_damage`.
        happened: the kinds of faults that came to pass.
        asked: every question, that for an entity apart from those for others.
    """

    world: World
    subgraphs: Mapping[str, str]
    seed: int
    resolvers: int = 0
    exchanges: int = 0
    values: int = 0
    kinds: tuple[str, ...] = ()
    happened: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._servers = {
            name: FailingSubgraph(self.world, name, sdl, seed=self.seed, rate=self.resolvers)
            for name, sdl in self.subgraphs.items()
        }

    def answer(self, subgraph: str, body: bytes) -> SubgraphAnswer | TransportError:
        """What a subgraph answers."""
        kind, response = self._answer(subgraph, body)
        return _exchange(kind, response)

    def answer_gateway(self, subgraph: str, body: bytes) -> SubgraphAnswer | TransportError:
        """What it answers if `TOLD_OTHERWISE` counts."""
        kind, response = self._answer(subgraph, body)
        return _exchange(TOLD_OTHERWISE.get(kind, kind), response)

    def _answer(self, subgraph: str, body: bytes) -> tuple[str, JsonObject]:
        asked = json.loads(body)
        variables = dict(asked.get("variables") or {})
        representations = variables.pop(REPRESENTATIONS, None)
        random = self._draw(subgraph, asked["query"], variables)
        kind = random.choice(EXCHANGES) if random.randrange(100) < self.exchanges else ""
        if representations is None:
            response = self._answer_one(subgraph, asked["query"], variables, ())
        else:
            response = self._answer_entities(subgraph, asked["query"], variables, representations)
            if not kind and random.randrange(200) < self.exchanges:
                kind = f"entities {random.choice(ENTITIES)}"
                _damage_entities(response, kind)
        if kind:
            self.happened.add(kind)
        return kind, response

    def _answer_entities(
        self, subgraph: str, query: str, variables: JsonObject, representations: list[JsonObject]
    ) -> JsonObject:
        found: list[JsonValue] = []
        errors: list[JsonValue] = []
        for index, each in enumerate(representations):
            one = self._answer_one(subgraph, query, {**variables, REPRESENTATIONS: [each]}, ("_entities", 0))
            if one["data"] is None:
                # A null that reached the root of the answer takes all entities with it.
                return {"data": None, "errors": [_move(error, index) for error in one["errors"]]}
            found.append(one["data"]["_entities"][0])
            errors += [_move(error, index) for error in one.get("errors", ())]
        return {"data": {"_entities": found}, **({"errors": errors} if errors else {})}

    def _answer_one(
        self, subgraph: str, query: str, variables: JsonObject, at: tuple[str | int, ...]
    ) -> JsonObject:
        random = self._draw(subgraph, query, variables)
        self.asked.add(json.dumps([subgraph, query, variables], sort_keys=True))
        response = deepcopy(self._servers[subgraph].answer(query, variables))
        if random.randrange(100) < self.values:
            damaged: set[object] = set()
            for _ in range(random.choice((1, 1, 1, 2, 3))):
                self._damage(random, response, at, damaged)
        return response

    def _damage(
        self, random: Random, response: JsonObject, at: tuple[str | int, ...], damaged: set[object]
    ) -> None:
        tree = response["data"]
        for step in at if tree is not None else ():
            tree = tree[step]
        spots = [spot for spot in _walk(tree, at) if spot[1] != "__typename" and spot[2] not in damaged]
        kind = random.choice(self.kinds)
        self.happened.add(kind)
        if kind.startswith("error") or not spots:
            paths = {
                "error of all": list(at),
                "error anywhere": list(random.choice(spots)[2]) if spots else None,
            }
            response.setdefault("errors", []).append(_draw_error(random, paths.get(kind)))
            return
        container, key, path = random.choice(spots)
        damaged.add(path)
        if kind.startswith("null"):
            container[key] = None
            if kind == "null with error":
                response.setdefault("errors", []).append({**_NO, "path": list(path)})
        elif kind == "leaf":
            container[key] = random.choice(LEAVES)
        elif kind == "tree":
            container[key] = deepcopy(random.choice(_find_trees(container[key])))
        elif isinstance(container, dict):
            _damage_object(random, kind, container, key)

    def _draw(self, *asked: object) -> Random:
        return Random(json.dumps([self.seed, asked], sort_keys=True))  # noqa: S311 -- a reproducible draw, no secret


def _exchange(kind: str, response: JsonObject) -> SubgraphAnswer | TransportError:
    if kind == "refused":
        return TransportError("Connection refused")
    if kind == "timeout":
        return SubgraphTimeoutError("no answer within the time allowed")
    text = _write(response)
    answers = {
        "status with page": SubgraphAnswer(503, b"<h1>busy</h1>", _HTML),
        "status with answer": SubgraphAnswer(500, text, _JSON),
        "status of protocol": SubgraphAnswer(400, _write({"errors": [_NO]}), _GRAPHQL),
        "page": SubgraphAnswer(200, text, _HTML),
        "no type": SubgraphAnswer(200, text, {}),
        "no JSON": SubgraphAnswer(200, b"{data}", _JSON),
        "broken off": SubgraphAnswer(200, text[:-1], _JSON),
        "empty": SubgraphAnswer(200, b"", _JSON),
        "list": SubgraphAnswer(200, _write([response]), _JSON),
        "null": SubgraphAnswer(200, b"null", _JSON),
        "nothing": SubgraphAnswer(200, b"{}", _JSON),
        "data null": SubgraphAnswer(200, _write({"data": None}), _JSON),
        "data and errors null": SubgraphAnswer(200, _write({"data": None, "errors": None}), _JSON),
        "only errors": SubgraphAnswer(200, _write({"errors": [_NO]}), _GRAPHQL),
        "no errors": SubgraphAnswer(200, _write({**response, "errors": []}), _GRAPHQL),
        "errors null": SubgraphAnswer(200, _write({**response, "errors": None}), _GRAPHQL),
        "data text": SubgraphAnswer(200, _write({"data": "x"}), _JSON),
        "data list": SubgraphAnswer(200, _write({"data": [1]}), _JSON),
    }
    return answers.get(kind) or SubgraphAnswer(200, text, _JSON)


def _draw_error(random: Random, path: JsonValue) -> JsonObject:
    message = "no" if path is not None else "nowhere"
    error: JsonObject = {"message": message}
    if random.randrange(2):
        error["extensions"] = {"code": "NO"}
    return error | ({"path": path} if path is not None else {})


def _find_trees(given: JsonValue) -> tuple[JsonValue, ...]:
    """What is no right answer where `given` is; Apollo's gateway takes a list for an object, so that is left out."""
    if isinstance(given, dict) or given is None:
        return OBJECTS
    return LISTS if isinstance(given, list) else TREES


def _damage_object(random: Random, kind: str, container: JsonObject, key: str) -> None:
    match kind:
        case "missing":
            del container[key]
        case "more":
            container[random.choice(("zzz", "f9", ""))] = deepcopy(random.choice((*LEAVES, *TREES)))
        case "typename":
            container["__typename"] = random.choice(TYPENAMES)
        case _:
            raise AssertionError(kind)


def _damage_entities(response: JsonObject, kind: str) -> None:
    data = response["data"]
    match kind.removeprefix("entities "):
        case "short":
            data["_entities"].pop()
        case "long":
            data["_entities"].append(None)
        case "null":
            data["_entities"] = None
        case "no list":
            data["_entities"] = {"0": None}
        case "missing":
            del data["_entities"]
        case _:
            data["_entities"] = [1 for _ in data["_entities"]]


def _move(error: JsonValue, index: int) -> JsonValue:
    path = error.get("path")
    if path is not None and path[:1] == ["_entities"]:
        return {**error, "path": ["_entities", index, *path[2:]]}
    return error


def _walk(value: JsonValue, at: tuple[str | int, ...]) -> Iterator[tuple[Any, Any, tuple[str | int, ...]]]:
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield value, key, (*at, key)
        yield from _walk(inner, (*at, key))


def _write(value: JsonValue) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
