"""A small shop over four subgraphs, and their answers: what the executor is measured on.

The subgraphs run once for each request and remember what they answered, so that measuring costs nothing but
the executor's own work.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema, build_schema, graphql_sync

from router.executor.transport import SubgraphAnswer, SubgraphRequest
from router.kit.json import JsonObject, read_json, write_json

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@external", "@requires", "@provides"])\n'
)
SUBGRAPHS = {
    "accounts": """
type Query { users: [User] }
type User @key(fields: "id") { id: ID! name: String username: String @shareable }
""",
    "inventory": """
type Product @key(fields: "upc") {
  upc: String! weight: Int @external price: Int @external inStock: Boolean
  shippingEstimate: Int @requires(fields: "price weight")
}
""",
    "products": """
type Query { topProducts(first: Int = 5): [Product] feed(first: Int!): [Item] }
union Item = Product | Article
type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }
type Article @key(fields: "id") { id: ID! title: String! }
""",
    "reviews": """
type Review @key(fields: "id") { id: ID! body: String product: Product author: User @provides(fields: "username") }
type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
type Product @key(fields: "upc") { upc: String! reviews: [Review] }
type Article @key(fields: "id") { id: ID! likes: Int }
""",
}
BODY_LENGTHS = (445, 289, 275, 143, 445, 289, 275, 143, 143, 143, 844)
REVIEWED = (1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4)
"""The product of each review; all are by one author, and every user's reviews are the first two."""


def _product(upc: str) -> JsonObject:
    number = int(upc)
    return {
        "__typename": "Product",
        "upc": upc,
        "name": f"Product number {upc}",
        "price": 100 + number * 7 % 2000,
        "weight": 30 + number % 900,
        "inStock": number % 3 > 0,
        "shippingEstimate": 15 + number % 450,
        "reviews": lambda _info: [_review(i) for i, of in enumerate(REVIEWED) if of == number],
    }


def _user(user_id: str) -> JsonObject:
    return {
        "__typename": "User",
        "id": user_id,
        "name": f"Reader {user_id}",
        "username": f"reader{user_id}",
        "reviews": lambda _info: [_review(0), _review(1)],
    }


def _review(i: int) -> JsonObject:
    text = "a solid shelf that arrived cold and looks better than it feels under two weeks of rain " * 10
    return {
        "__typename": "Review",
        "id": str(i + 1),
        "body": text[: BODY_LENGTHS[i]],
        "product": lambda _info: _product(str(REVIEWED[i])),
        "author": lambda _info: _user("1"),
    }


def _article(article_id: str) -> JsonObject:
    return {"__typename": "Article", "id": article_id, "title": f"Article {article_id}", "likes": 5}


def _feed(first: int) -> list[JsonObject]:
    return [_article(str(i)) if i % 2 else _product(str(i)) for i in range(first)]


_ROOT: JsonObject = {
    "users": lambda _info: [_user(str(i + 1)) for i in range(6)],
    "topProducts": lambda _info, first: [_product(str(i + 1)) for i in range(first)],
    "feed": lambda _info, first: _feed(first),
}
_ENTITIES: dict[str, Callable[[JsonObject], JsonObject]] = {
    "User": lambda given: _user(given["id"]),
    "Product": lambda given: _product(given["upc"]),
    "Article": lambda given: _article(given["id"]),
}


@dataclass
class Shop:
    """The subgraphs, as a transport that remembers.

    Attributes:
        fault_every: one in so many answers to the first fetch has an error beside its data; 0 for none.
        requests: how many there have been.
    """

    fault_every: int = 0
    requests: int = 0
    _schemas: dict[str, GraphQLSchema] = field(default_factory=dict)
    _answers: dict[tuple[str, bytes], SubgraphAnswer] = field(default_factory=dict)
    _operations: int = 0

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer from memory, or by running the subgraph."""
        self.requests += 1
        key = request.subgraph, request.body
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = SubgraphAnswer(200, write_json(self._run(*key)))
        if self.fault_every and request.subgraph == "accounts" and b"users" in request.body:
            self._operations += 1
            if self._operations % self.fault_every == 0:
                return SubgraphAnswer(
                    200, answer.body[:-1] + b',"errors":[{"message":"late","path":["users",0,"name"]}]}'
                )
        return answer

    async def close(self) -> None:
        """Nothing to let go of."""

    def _run(self, subgraph: str, body: bytes) -> JsonObject:
        asked = read_json(body)
        schema = self._schemas.get(subgraph)
        if schema is None:
            schema = self._schemas[subgraph] = _build_schema(SUBGRAPHS[subgraph])
        result = graphql_sync(
            schema,
            asked["query"],
            {**_ROOT, "_entities": _resolve_entities},
            variable_values=asked.get("variables"),
            type_resolver=lambda value, *_: value["__typename"],
        )
        assert not result.errors, (asked["query"], result.errors)
        return {"data": result.data}


def _build_schema(sdl: str) -> GraphQLSchema:
    entities = [name for name in _ENTITIES if f"type {name} @key" in sdl]
    extra = (
        f"scalar _Any union _Entity = {' | '.join(entities)} "
        f"{'extend ' if 'type Query' in sdl else ''}type Query {{ _entities(representations: [_Any!]!): [_Entity]! }}"
    )
    return build_schema(f"{sdl}\n{extra}", assume_valid_sdl=True)


def _resolve_entities(_info: Any, representations: list[JsonObject]) -> list[JsonObject]:
    return [_ENTITIES[given["__typename"]](given) for given in representations]
