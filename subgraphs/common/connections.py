"""Relay connections as GraphQL types: `Connection[Order]` is the type OrderConnection with its OrderEdge."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, Self, TypeVar

import strawberry
from strawberry import Parent, federation

from subgraphs.common.graphql_types import PageInfo, build_cost
from subgraphs.common.pagination import Page

Row = TypeVar("Row")
Item = TypeVar("Item")
Count = Callable[[], Awaitable[int]]


class Counted(Protocol):
    """A page of a list whose length can be asked for."""

    count: Count


async def count_rows(root: Parent[Counted]) -> int:
    """How much the whole list holds; counted only when asked for."""
    return await root.count()


@strawberry.type
class Edge(Generic[Item]):
    """Something in its place in a list."""

    cursor: str
    node: Item


@strawberry.type
class Connection(Generic[Item]):
    """A page of a list."""

    edges: list[Edge[Item]]
    nodes: list[Item]
    page_info: PageInfo
    count: strawberry.Private[Count]
    total_count: int = federation.field(resolver=count_rows, directives=[build_cost(5)])

    @classmethod
    def of(cls, page: Page[Row], present: Callable[[Row], Item], count: Count) -> Self:
        """The page, each row as `present` gives it; `count` gives the length of the whole list."""
        nodes = [present(row) for row in page.rows]
        return cls(edges=build_edges(page, nodes), nodes=nodes, page_info=PageInfo.of(page), count=count)


def build_edges(page: Page[Any], nodes: list[Item]) -> list[Edge[Item]]:
    """The nodes of a page with their cursors."""
    return [Edge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)]
