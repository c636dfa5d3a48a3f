"""Lists of orders: pages in both directions, filters, sorts, and arguments that are none."""

from typing import Any
from uuid import uuid4

import pytest

from tests.subgraph.orders.client import ADA, ADMIN, BOB, BROKEN_CURSORS, MALFORMED_IDS, token_of
from tests.subgraph.orders.conftest import Orders

PAGE = (
    "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
)
MINE = f"""query($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilter) {{
  list: myOrders(first: $first, after: $after, last: $last, before: $before, filter: $filter) {{ {PAGE} }} }}"""
ALL = f"""query($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilter, $sort: [OrderSort!]) {{
  list: orders(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {{ {PAGE} }} }}"""
READER = token_of(ADMIN, "orders:read")


async def walk(
    orders: Orders, operation: str, token: str, *, backward: bool = False, **more: Any
) -> list[str]:
    """The ids of a whole list, read two at a time, in the list's order."""
    found: list[str] = []
    cursor = None
    for _ in range(50):
        place = {"last": 2, "before": cursor} if backward else {"first": 2, "after": cursor}
        page = (await orders.ask(operation, token, **place, **more))["list"]
        ids = [node["id"] for node in page["nodes"]]
        assert ids == [edge["node"]["id"] for edge in page["edges"]]
        assert [page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]] == (
            [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]] if ids else [None, None]
        )
        found = ids + found if backward else found + ids
        if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
            return found
        cursor = page["pageInfo"]["startCursor" if backward else "endCursor"]
    raise AssertionError("the list does not end")


async def ids_of(orders: Orders, operation: str, token: str, **more: Any) -> list[str]:
    page = (await orders.ask(operation, token, **more))["list"]
    return [node["id"] for node in page["nodes"]]


async def test_my_orders_are_mine_newest_first(orders: Orders) -> None:
    mine = [(await orders.order())["id"] for _ in range(5)]
    await orders.order(customer=BOB)
    for backward in (False, True):
        assert await walk(orders, MINE, token_of(ADA), backward=backward) == mine[::-1]
    assert await ids_of(orders, MINE, token_of(ADA)) == mine[::-1]
    # Whoever reads all orders has a list of the own ones too.
    assert await ids_of(orders, MINE, READER) == []
    wanted = {"customerId": str(BOB)}
    assert await ids_of(orders, MINE, token_of(ADA), filter=wanted) == []
    assert await orders.refused(MINE) == "UNAUTHENTICATED"


async def test_only_who_reads_orders_reads_all(orders: Orders) -> None:
    assert await orders.refused(ALL) == "UNAUTHENTICATED"
    assert await orders.refused(ALL, token_of(ADA)) == "FORBIDDEN"
    assert await orders.refused(ALL, token_of(ADA, "orders:write")) == "FORBIDDEN"
    assert await ids_of(orders, ALL, READER) == []


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["CREATED_AT", "TOTAL", "NUMBER"])
async def test_all_orders_in_each_sort(orders: Orders, field: str, direction: str) -> None:
    prices = [300, 100, 300, 200, 100, 100]
    made = [
        (await orders.order(minor=minor, customer=(ADA, BOB)[i % 2]))["id"] for i, minor in enumerate(prices)
    ]
    expected = sorted(made, key=lambda i: (prices[made.index(i)], i)) if field == "TOTAL" else made
    expected = expected if direction == "ASC" else expected[::-1]
    for backward in (False, True):
        found = await walk(
            orders, ALL, READER, backward=backward, sort=[{"field": field, "direction": direction}]
        )
        assert found == expected


async def test_the_filters(orders: Orders) -> None:
    paid = await orders.order(status="PAID")
    pending = await orders.order(customer=BOB)
    await orders.order(status="CANCELLED", customer=BOB)
    product = paid["lines"][0]["product"]["id"]
    for wanted, expected in (
        ({"statuses": ["PAID"]}, [paid]),
        ({"statuses": ["PAID", "PENDING"]}, [pending, paid]),
        ({"statuses": ["PAID"] * 33_000}, [paid]),
        ({"statuses": []}, []),
        ({"number": pending["number"]}, [pending]),
        ({"number": ""}, []),
        ({"customerId": str(ADA)}, [paid]),
        ({"customerId": str(BOB), "statuses": ["PENDING"]}, [pending]),
        ({"productId": product}, [paid]),
        ({"productId": str(uuid4())}, []),
        ({"createdFrom": pending["createdAt"], "statuses": ["PAID", "PENDING"]}, [pending]),
        ({"createdTo": pending["createdAt"]}, [paid]),
        (
            {
                "createdFrom": "0001-01-01T00:00:00Z",
                "createdTo": "9999-12-31T23:59:59Z",
                "number": paid["number"],
            },
            [paid],
        ),
        *(({"customerId": malformed}, []) for malformed in MALFORMED_IDS),
        *(({"productId": malformed}, []) for malformed in MALFORMED_IDS),
    ):
        assert await ids_of(orders, ALL, READER, filter=wanted) == [order["id"] for order in expected], wanted
    nothing = {"statuses": None, "customerId": None, "number": None, "productId": None, "createdFrom": None}
    assert len(await ids_of(orders, ALL, READER, filter=nothing)) == 3


async def test_counting_takes_a_statement_only_when_asked_for(orders: Orders) -> None:
    await orders.order()
    await orders.order(status="PAID")
    for field, token in (("myOrders", token_of(ADA)), ("orders", READER)):
        with orders.database.record_statements() as statements:
            await orders.ask(f"{{ {field} {{ nodes {{ id }} }} }}", token)
        assert len(statements) == 1
        operation = f"{{ {field}(first: 1, filter: {{ statuses: [PAID] }}) {{ totalCount }} }}"
        with orders.database.record_statements() as statements:
            assert (await orders.ask(operation, token))[field]["totalCount"] == 1
        assert len(statements) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": -1},
        {"first": 101},
        {"last": -1},
        {"last": 101},
        {"first": 5, "last": 5},
        *({"after": cursor} for cursor in BROKEN_CURSORS[1:]),
        *({"last": 1, "before": cursor} for cursor in BROKEN_CURSORS[1:]),
    ],
)
async def test_a_page_that_is_none(orders: Orders, arguments: dict[str, Any]) -> None:
    await orders.order()
    assert await orders.refused(MINE, token_of(ADA), **arguments) == "BAD_USER_INPUT"
    assert await orders.refused(ALL, READER, **arguments) == "BAD_USER_INPUT"


async def test_a_cursor_belongs_to_its_sort(orders: Orders) -> None:
    for _ in range(3):
        await orders.order()
    sorts = [[{"field": field}] for field in ("CREATED_AT", "TOTAL")]
    pages = [await orders.ask(ALL, READER, first=1, sort=sort) for sort in sorts]
    cursors = [page["list"]["pageInfo"]["endCursor"] for page in pages]
    for cursor, sort in zip(cursors, reversed(sorts), strict=True):
        assert await orders.refused(ALL, READER, first=1, after=cursor, sort=sort) == "BAD_USER_INPUT"


async def test_an_empty_page(orders: Orders) -> None:
    await orders.order()
    page = (await orders.ask(MINE, token_of(ADA), first=0))["list"]
    assert page["nodes"] == []
    assert page["pageInfo"]["hasNextPage"] is True


async def test_two_sorts_are_one_too_many(orders: Orders) -> None:
    sort = [{"field": "TOTAL"}, {"field": "NUMBER"}]
    assert await orders.refused(ALL, READER, sort=sort) == "BAD_USER_INPUT"
