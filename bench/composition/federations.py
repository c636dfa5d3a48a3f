"""Synthetic federations for measuring: many subgraphs, many types, entities that subgraphs share."""

from collections.abc import Iterator
from dataclasses import dataclass

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@requires", "@external"])'


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a federation is.

    Attributes:
        types: of each subgraph, its shared entities among them.
        shared: the entities of each subgraph that other subgraphs have too.
        pool: all shared entities; a pool of `shared` means that every subgraph has all of them.
    """

    subgraphs: int
    types: int
    shared: int
    pool: int


def build_federation(shape: Shape) -> dict[str, str]:
    """The SDL of each subgraph by name; they compose."""
    return {f"s{i:03}": "\n".join(_subgraph(shape, i)) for i in range(shape.subgraphs)}


def _subgraph(shape: Shape, i: int) -> Iterator[str]:
    entities = [(i * 7 + j) % shape.pool for j in range(shape.shared)]
    own = shape.types - shape.shared
    yield _LINK
    yield f"type Query {{ first{i}: T{i}_0 entity{i}: E{entities[0]} }}"
    for k in entities:
        yield f'type E{k} @key(fields: "id") {{ id: ID! name{i}_{k}: String price{i}_{k}(currency: String = "EUR"): Int }}'
    for k in range(own):
        yield (
            f'type T{i}_{k} @key(fields: "id") {{ id: ID! name: String! count(first: Int = 10): Int '
            f"next: T{i}_{(k + 1) % own} shared: E{entities[k % shape.shared]} tags: [String!]! }}"
        )
