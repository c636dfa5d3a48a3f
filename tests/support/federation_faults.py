"""Subgraphs that fail, are slow or lie: a function of what is asked for each entity, and of nothing else.

An executor may ask for an entity once or as often as it occurs, in this order or that: it hears the same of it.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, execute_sync, parse, validate

from router.executor.transport import SubgraphAnswer, SubgraphTimeoutError, TransportError
from router.kit.json import JsonObject, JsonValue
from tests.support.apollo_plans import REPRESENTATIONS
from tests.support.federation_world import Handle, Thing, World, WorldSubgraph

_JSON = {"content-type": "application/json"}
_GRAPHQL = {"content-type": "application/graphql-response+json; charset=utf-8"}
_HTML = {"content-type": "text/html"}
_NO: JsonObject = {"message": "no", "extensions": {"code": "NO"}}

LEAVES: tuple[JsonValue, ...] = (
    "x", "", "\u00e9\u2028\ud83d\ude00", 0, -1, 7, 2**31 - 1, 2**31, -(2**31) - 1, 2**53, 1.0, 0.5, 1e-9, -0.0, True, False,
)  # fmt: skip
TREES: tuple[JsonValue, ...] = ([], {}, [None], [[]], [1], {"id": 1})
TYPENAMES: tuple[JsonValue, ...] = ("Nobody", "Query", "", 3, None)

EXCHANGES = (
    "refused", "timeout", "status with page", "status with answer", "status of protocol", "page", "no type", "no JSON",
    "broken off", "empty", "list", "null", "nothing", "data null", "data and errors null", "only errors", "no errors",
    "errors null", "data text", "data list",
)  # fmt: skip
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
        document = parse(text)
        if validate(self.schema, document):
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

    def _find_or_fail(self, representation: Mapping[str, Any]) -> Handle | GraphQLError:
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
    """

    world: World
    subgraphs: Mapping[str, str]
    seed: int
    resolvers: int = 0
    exchanges: int = 0
    values: int = 0
    kinds: tuple[str, ...] = ()
    happened: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._servers = {
            name: FailingSubgraph(self.world, name, sdl, seed=self.seed, rate=self.resolvers)
            for name, sdl in self.subgraphs.items()
        }

    def answer(self, subgraph: str, body: bytes) -> SubgraphAnswer | TransportError:
        """What a subgraph answers."""
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
        return _exchange(kind, response)

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
        response = deepcopy(self._servers[subgraph].answer(query, variables))
        if random.randrange(100) < self.values:
            for _ in range(random.choice((1, 1, 1, 2, 3))):
                self._damage(random, response, at)
        return response

    def _damage(self, random: Random, response: JsonObject, at: tuple[str | int, ...]) -> None:
        tree = response["data"]
        for step in at if tree is not None else ():
            tree = tree[step]
        spots = [spot for spot in _walk(tree, at) if spot[1] != "__typename"]
        kind = random.choice(self.kinds)
        self.happened.add(kind)
        if kind.startswith("error") or not spots:
            error: JsonObject = dict(random.choice((_NO, {"message": "no"})))
            if kind == "error of all":
                error["path"] = list(at)
            elif kind == "error anywhere" and spots:
                error["path"] = list(random.choice(spots)[2])
            response.setdefault("errors", []).append(error)
            return
        container, key, path = random.choice(spots)
        match kind:
            case "null":
                container[key] = None
            case "null with error":
                container[key] = None
                response.setdefault("errors", []).append({**_NO, "path": list(path)})
            case "leaf":
                container[key] = random.choice(LEAVES)
            case "tree":
                container[key] = deepcopy(random.choice(TREES))
            case "missing":
                del container[key]
            case "more" if isinstance(container, dict):
                container[random.choice(("zzz", "id", "f0"))] = deepcopy(random.choice((*LEAVES, *TREES)))
            case "typename" if isinstance(container, dict):
                container["__typename"] = random.choice(TYPENAMES)

    def _draw(self, *asked: object) -> Random:
        return Random(json.dumps([self.seed, asked], sort_keys=True))  # noqa: S311 -- a reproducible draw, no secret


def _exchange(kind: str, response: JsonObject) -> SubgraphAnswer | TransportError:  # noqa: PLR0911 -- a table
    whole: dict[str, JsonValue] = {
        "list": [response],
        "null": None,
        "nothing": {},
        "data null": {"data": None},
        "data and errors null": {"data": None, "errors": None},
        "only errors": {"errors": [_NO]},
        "no errors": {**response, "errors": []},
        "errors null": {**response, "errors": None},
        "data text": {"data": "x"},
        "data list": {"data": [1]},
    }
    text = _write(response)
    match kind:
        case "refused":
            return TransportError("Connection refused")
        case "timeout":
            return SubgraphTimeoutError("no answer within the time allowed")
        case "status with page":
            return SubgraphAnswer(503, b"<h1>busy</h1>", _HTML)
        case "status with answer":
            return SubgraphAnswer(500, text, _JSON)
        case "status of protocol":
            return SubgraphAnswer(400, _write({"errors": [_NO]}), _GRAPHQL)
        case "page":
            return SubgraphAnswer(200, text, _HTML)
        case "no type":
            return SubgraphAnswer(200, text, {})
        case "no JSON":
            return SubgraphAnswer(200, b"{data}", _JSON)
        case "broken off":
            return SubgraphAnswer(200, text[:-1], _JSON)
        case "empty":
            return SubgraphAnswer(200, b"", _JSON)
        case _:
            return SubgraphAnswer(200, _write(whole.get(kind, response)), _GRAPHQL if "errors" in kind else _JSON)


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
        case "scalars":
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
