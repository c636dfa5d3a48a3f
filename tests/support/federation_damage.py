"""Subgraphs that lie: right answers of a world, damaged as a function of what was asked.

Equal requests get equal answers, so two ways to run a plan can be compared on the same damage.
"""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from router.executor.transport import (
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTimeoutError,
    SubgraphTransport,
    TransportError,
)
from router.kit.json import JsonObject, JsonValue

_WRONG: tuple[JsonValue, ...] = (
    None, None, None, "x", "", "\u00e9\u2028\ud83d\ude00", 0, -1, 7, 2**31, 2**53, 2**64, 10**20, 1.0, 0.5, 1e16, 1e-9,
    True, False, [], {}, [None], [[]], [1], {"id": 1}, {"__typename": "E0"},
)  # fmt: skip
_TYPENAMES = ("E0", "E1", "E2", "Value", "Node", "Query", "Nobody", None, 3)
_KEYS = ("__typename", "id", "code", "f0", "f1", "value", "of", "name", "zzz", "")
_PATHS: tuple[JsonValue, ...] = (
    None, [], ["_entities"], ["_entities", 0], ["_entities", 1, "f0"], ["_entities", 99], ["_e0", 0, "value", "a"],
    ["shared"], ["nodes_g0", 0, "id"], [0], "x", [None], ["_entities", True],
)  # fmt: skip


@dataclass
class DamagedSubgraphs:
    """A transport that damages the answers of another.

    Attributes:
        seed: another one is another damage.
        rate: how many answers of a hundred are damaged.
        requests: what was asked, in order.
    """

    inner: SubgraphTransport
    seed: int
    rate: int
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer one request."""
        self.requests.append((request.subgraph, request.body))
        random = Random(f"{self.seed} {request.subgraph} {request.body!r}")  # noqa: S311 - a reproducible draw
        try:
            answer = await self.inner.send(request)
            response = json.loads(answer.body)
        except Exception:  # noqa: BLE001 - a strict subgraph that got a damaged representation
            response = {"data": None, "errors": [{"message": "no", "path": ["_entities", 0]}]}
        if random.randrange(100) >= self.rate:
            return SubgraphAnswer(200, _write(response))
        return _damage(random, response)

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class FailingSubgraphs:
    """A transport of which some answers fail, as a function of what was asked: what comes is right, or does not come.

    Attributes:
        seed: another one is another failure.
        rate: how many answers of a hundred fail.
        requests: what was asked.
    """

    inner: SubgraphTransport
    seed: int
    rate: int
    requests: set[tuple[str, bytes]] = field(default_factory=set)

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer one request."""
        self.requests.add((request.subgraph, request.body))
        random = Random(f"{self.seed} {request.subgraph} {request.body!r}")  # noqa: S311 - a reproducible draw
        if random.randrange(100) < self.rate:
            return _fail(random)
        answer = await self.inner.send(request)
        response = json.loads(answer.body)
        entities = (response["data"] or {}).get("_entities")
        if entities and random.randrange(100) < self.rate:
            i = random.randrange(len(entities))
            entities[i] = None
            if random.randrange(3):
                error = {"message": "no entity", "path": ["_entities", i]}
                response.setdefault("errors", []).append(error)
        return SubgraphAnswer(200, _write(response))

    async def close(self) -> None:
        """Nothing to let go of."""


def _fail(random: Random) -> SubgraphAnswer:
    match random.randrange(4):
        case 0:
            raise TransportError("connection reset")
        case 1:
            return SubgraphAnswer(503, b"<h1>busy</h1>", {"content-type": "text/html"})
        case status:
            error = {"message": "no", "path": ["_entities", 0]}
            return SubgraphAnswer((200, 500)[status % 2], _write({"data": None, "errors": [error]}))


def _damage(random: Random, response: JsonObject) -> SubgraphAnswer:
    kind = random.randrange(12)
    if kind == 0:
        return _damage_exchange(random, response)
    if kind == 1:
        response["errors"] = [_draw_error(random) for _ in range(random.randrange(3))]
    elif kind == 2:
        response[random.choice(("data", "errors", "extensions", "more"))] = deepcopy(random.choice(_WRONG))
    else:
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            _damage_tree(random, response)
    text = _write(response)
    return SubgraphAnswer(200, _damage_text(random, text) if kind == 3 else text)


def _damage_exchange(random: Random, response: JsonObject) -> SubgraphAnswer:
    match random.randrange(6):
        case 0:
            raise TransportError("connection reset")
        case 1:
            raise SubgraphTimeoutError("late")
        case 2:
            return SubgraphAnswer(200, _write(response), {"content-type": "text/html"})
        case 3:
            return SubgraphAnswer(201, _write(response), {"content-type": "application/json; charset=utf-8"})
        case 4:
            return SubgraphAnswer(503, b"<h1>busy</h1>", {"content-type": "text/html"})
        case _:
            kind = {"content-type": "application/graphql-response+json"}
            return SubgraphAnswer(random.choice((200, 400, 500)), _write(response), kind)


def _damage_text(random: Random, text: bytes) -> bytes:
    """Text that is no JSON any more, or is the same JSON in other words."""
    at = random.randrange(len(text))
    return random.choice(
        (
            text[:at],
            text + b"}",
            text.replace(b":", b" :\n ").replace(b",", b"\t, "),
            text.replace(b"E", b"\\u0045"),
            text.replace(b'"id":', b'"id":"first","id":'),
            text.replace(b'"f0":', b'"f0":null,"f0":'),
            text.replace(b'":"', b'":"\xff'),
            text.replace(b'":"', b'":"\\ud800'),
            b"",
            b"null",
            b"[]",
        )
    )


def _damage_tree(random: Random, response: JsonObject) -> None:
    spots = list(_walk(response.get("data")))
    if not spots:
        return
    container, key = random.choice(spots)
    match random.randrange(8):
        case 0 | 1 | 2:
            container[key] = deepcopy(random.choice(_WRONG))
        case 3:
            del container[key]
        case 4 if isinstance(container, list):
            container.insert(key, deepcopy(random.choice([*container, None])))
        case 4 | 5 if isinstance(container, dict):
            container[random.choice(_KEYS)] = deepcopy(random.choice([*_WRONG, *container.values()]))
        case 6 if isinstance(container, dict):
            container["__typename"] = random.choice(_TYPENAMES)
        case _ if isinstance(container, dict):
            # The same, in another order.
            items = list(container.items())
            random.shuffle(items)
            container.clear()
            container.update(items)
        case _:
            container[key] = None


def _walk(value: JsonValue) -> Iterator[tuple[Any, Any]]:
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield value, key
        yield from _walk(inner)


def _draw_error(random: Random) -> JsonValue:
    if random.randrange(8) == 0:
        return random.choice((None, 1, {}, {"message": 1}))
    error: JsonObject = {"message": random.choice(("no", ""))}
    path = random.choice(_PATHS)
    if path is not None:
        error["path"] = path
    if random.randrange(2):
        error["extensions"] = random.choice((None, {}, {"code": "X"}, {"service": 1}))
    return error


def _write(value: JsonValue) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
