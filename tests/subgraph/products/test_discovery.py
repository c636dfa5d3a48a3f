"""Rankings, facets, suggestions and what is related: what helps somebody who does not know yet what to buy."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text

from tests.subgraph.products.conftest import ADMIN, Products
from tests.subgraph.products.test_reviews import say, verified

RANKED = """query($sort: [ProductSort!], $filter: ProductFilter) { products(sort: $sort, filter: $filter, first: 100) {
  totalCount nodes { id rating { average count } } } }"""
FACETS = """query($filter: ProductFilter) { products(filter: $filter, first: 2) { totalCount facets {
  categories { count category { slug } } features { feature count }
  priceRanges { min { amount currency } max { amount currency } count } } } }"""
SUGGEST = "query($text: String!, $first: Int) { searchSuggestions(text: $text, first: $first) }"
VOTE = """mutation($id: ID!, $helpful: Boolean!) { voteReview(id: $id, helpful: $helpful) {
  review { id helpfulCount } errors { __typename ... on UserError { code path } } } }"""
HELPFUL = """query($id: ID!, $first: Int, $after: String) { product(id: $id) {
  reviews(first: $first, after: $after, sort: HELPFUL) { pageInfo { hasNextPage endCursor }
    nodes { id helpfulCount } } } }"""


async def rank(products: Products, field: str, direction: str = "DESC", **filters: Any) -> list[str]:
    sort = [{"field": field, "direction": direction}]
    found = (await products.ask(RANKED, sort=sort, filter=filters))["products"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


async def test_the_best_rated_come_first_and_what_nobody_rated_last(products: Products) -> None:
    good, fine, famous, unknown = [(await products.create(name))["id"] for name in ("A", "B", "C", "D")]
    for product_id, stars in ((good, [5]), (famous, [5, 5]), (fine, [4, 3])):
        for rating in stars:
            await say(products, product_id, rating)
    assert await rank(products, "RATING") == [famous, good, fine, unknown]
    assert await rank(products, "RATING", "ASC") == [unknown, fine, good, famous]


async def test_the_least_rating_is_part_of_the_filter(products: Products) -> None:
    good, fine, unknown = [(await products.create(name))["id"] for name in ("A", "B", "C")]
    await say(products, good, 5)
    for stars in (4, 3):
        await say(products, fine, stars)
    assert await rank(products, "NAME", "ASC", minRating=3.5) == [good, fine]
    assert await rank(products, "NAME", "ASC", minRating=3.51) == [good]
    assert await rank(products, "NAME", "ASC", minRating=0) == [good, fine, unknown]
    for wrong in (-0.1, 5.1):
        error = await products.refused(RANKED, filter={"minRating": wrong})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_hidden_review_gives_up_its_place_in_the_ranking(products: Products) -> None:
    one, two = [(await products.create(name))["id"] for name in ("A", "B")]
    review = (await say(products, one, 5))["review"]
    await say(products, two, 4)
    assert await rank(products, "RATING") == [one, two]
    hide = "mutation($id: ID!) { moderateReview(id: $id, status: REJECTED) { review { id } } }"
    await products.ask(hide, ADMIN, id=review["id"])
    assert await rank(products, "RATING") == [two, one]


async def test_what_sells_best_comes_first_by_the_newest_news_of_orders(products: Products) -> None:
    one, two, three = [(await products.create(name))["id"] for name in ("A", "B", "C")]
    await products.execute("UPDATE product_sales_heard SET version = 0")
    products.orders.sales = [(one, 5, 1), (str(uuid4()), 7, 2), (two, 9, 3)]
    assert await products.service.sales_copy.follow() == 3
    assert await rank(products, "BEST_SELLING") == [two, one, three]
    # Money went back: it sells less than it did. The old news comes once more, and late.
    products.orders.sales = [(one, 5, 1), (three, 6, 4), (two, 1, 5)]
    assert await products.service.sales_copy.follow() == 2
    await products.execute("UPDATE product_sales_heard SET version = 0")
    products.orders.sales = [(two, 9, 3), (one, 5, 1)]
    await products.service.sales_copy.follow()
    assert await rank(products, "BEST_SELLING") == [three, one, two]


async def test_without_orders_the_copy_of_sales_waits(products: Products) -> None:
    product = (await products.create("A"))["id"]
    await products.execute("UPDATE product_sales_heard SET version = 0")
    products.orders.sales, products.orders.is_down = [(product, 5, 1)], True
    assert await products.service.sales_copy.follow() == 0
    products.orders.is_down = False
    assert await products.service.sales_copy.follow() == 1
    products.orders.sales = [(product, -5, 2)]
    assert await products.service.sales_copy.follow() == 0


async def test_facets_count_the_whole_list_and_not_the_page(products: Products) -> None:
    games, tools = await products.create_category("Games"), await products.create_category("Tools")
    for i, (shelf, amount, currency) in enumerate(
        [
            (games, "0.00", "USD"),
            (games, "9.99", "USD"),
            (games, "10.00", "USD"),
            (tools, "250.00", "USD"),
            (tools, "2500", "JPY"),
            (tools, "10.000", "KWD"),
        ]
    ):
        price = {"amount": amount, "currency": currency}
        features = ["fast", f"only {i}"] if shelf is games else ["fast"]
        await products.create(f"App {i}", categoryId=shelf["id"], price=price, features=features)
    await products.create("Draft", categoryId=games["id"], status="DRAFT", features=["hidden"])
    found = (await products.ask(FACETS))["products"]
    facets = found["facets"]
    assert found["totalCount"] == 6
    assert {each["category"]["slug"]: each["count"] for each in facets["categories"]} == {
        "games": 3,
        "tools": 3,
    }
    assert facets["features"][0] == {"feature": "fast", "count": 6}
    assert [each["feature"] for each in facets["features"]] == ["fast", "only 0", "only 1", "only 2"]
    ranges = [
        (each["min"]["currency"], each["min"]["amount"], (each["max"] or {}).get("amount"), each["count"])
        for each in facets["priceRanges"]
    ]
    assert ranges == [
        ("JPY", "2500", "5000", 1),
        ("KWD", "10.000", "25.000", 1),
        ("USD", "0.00", "10.00", 2),
        ("USD", "10.00", "25.00", 1),
        ("USD", "100.00", None, 1),
    ]
    filtered = (await products.ask(FACETS, filter={"categorySlugs": ["games"], "features": ["only 1"]}))[
        "products"
    ]
    assert [each["count"] for each in filtered["facets"]["categories"]] == [1]
    empty = (await products.ask(FACETS, filter={"ids": []}))["products"]["facets"]
    assert empty == {"categories": [], "features": [], "priceRanges": []}


async def test_a_range_of_prices_holds_what_its_own_filter_finds(catalogue: Products) -> None:
    facets = (await catalogue.ask(FACETS))["products"]["facets"]
    for each in facets["priceRanges"]:
        wanted = {"minPrice": each["min"]} | ({"maxPrice": each["max"]} if each["max"] else {})
        found = (await catalogue.ask(FACETS, filter=wanted))["products"]
        at_the_end = 0
        if each["max"]:
            edge = {"minPrice": each["max"], "maxPrice": each["max"]}
            at_the_end = (await catalogue.ask(FACETS, filter=edge))["products"]["totalCount"]
        assert found["totalCount"] - at_the_end == each["count"]
    assert sum(each["count"] for each in facets["priceRanges"]) == 776
    assert sum(each["count"] for each in facets["categories"]) == 776
    assert len(facets["features"]) == 20


async def test_facets_of_a_search_and_of_every_category_are_one_statement_each(catalogue: Products) -> None:
    with catalogue.service.database.record_statements() as statements:
        await catalogue.ask(FACETS.replace("totalCount ", ""), filter={"search": "editor"})
    # The page, its facets, and the categories that they name.
    assert len(statements) == 3
    operation = (
        "{ categories { slug products(first: 1) { facets { categories { category { slug } count } } } } }"
    )
    with catalogue.service.database.record_statements() as statements:
        found = (await catalogue.ask(operation))["categories"]
    assert len(statements) == 4
    for category in found:
        (facet,) = category["products"]["facets"]["categories"]
        assert facet["category"]["slug"] == category["slug"]


async def test_facets_of_a_wishlist(products: Products) -> None:
    user, product = str(uuid4()), await products.create("Editor", features=["dark mode"])
    await products.create("Other", features=["other"])
    await products.ask(
        "mutation($id: ID!) { addToWishlist(productId: $id) { errors { __typename } } }",
        verified(user),
        id=product["id"],
    )
    operation = """query($r: [_Any!]!) { _entities(representations: $r) { ... on User {
      wishlist { facets { features { feature count } } } } } }"""
    (found,) = (await products.ask(operation, verified(user), r=[{"__typename": "User", "id": user}]))[
        "_entities"
    ]
    assert found["wishlist"]["facets"]["features"] == [{"feature": "dark mode", "count": 1}]


@pytest.mark.parametrize(
    ("typed", "meant"), [("sl", "Slack"), ("slakc", "Slack"), ("SLÁ", "Slack"), ("discrod", "Discord")]
)
async def test_suggestions_are_names_that_the_text_may_become(
    catalogue: Products, typed: str, meant: str
) -> None:
    found = (await catalogue.ask(SUGGEST, text=typed))["searchSuggestions"]
    assert meant in found
    assert 0 < len(found) == len({*found}) <= 8


async def test_what_begins_so_is_suggested_before_what_is_alike(products: Products) -> None:
    for name in ("My Notes", "Notepad", "Noted", "100% Notes", "Draft notes"):
        await products.create(name, status="DRAFT" if name.startswith("Draft") else "PUBLISHED")
    found = (await products.ask(SUGGEST, text="note"))["searchSuggestions"]
    assert {*found[:2]} == {"Notepad", "Noted"}
    assert "Draft notes" not in found
    assert (await products.ask(SUGGEST, text="100%"))["searchSuggestions"] == ["100% Notes"]
    for nothing in ("", "  ", "%", "_", "\\", "zzzz"):
        assert (await products.ask(SUGGEST, text=nothing))["searchSuggestions"] == []
    assert (await products.ask(SUGGEST, text="note", first=0))["searchSuggestions"] == []


@pytest.mark.parametrize(
    "given", [{"text": "x" * 201}, {"text": "nul\0"}, {"text": "x", "first": 101}, {"text": "x", "first": -1}]
)
async def test_unusable_suggestions_are_refused(catalogue: Products, given: dict[str, Any]) -> None:
    assert (await catalogue.refused(SUGGEST, **given))["extensions"]["code"] == "BAD_USER_INPUT"


async def test_related_products_share_features_and_are_of_the_same_category(products: Products) -> None:
    shelf, other = await products.create_category("Notes"), await products.create_category("Games")
    origin = await products.create("Origin", categoryId=shelf["id"], features=["a", "b", "c"])
    close = await products.create("Close", categoryId=shelf["id"], features=["b", "c"])
    nearer = await products.create("Nearer", categoryId=shelf["id"], features=["x"])
    await products.create("Elsewhere", categoryId=other["id"], features=["a", "b", "c"])
    await products.create("Draft", categoryId=shelf["id"], features=["a", "b", "c"], status="DRAFT")
    operation = """query($r: [_Any!]!, $first: Int) { _entities(representations: $r) { ... on Product {
      related(first: $first) { id } } } }"""
    asked = [{"__typename": "Product", "id": each["id"]} for each in (origin, close, nearer)]
    with products.service.database.record_statements() as statements:
        found = (await products.ask(operation, r=asked))["_entities"]
    assert len(statements) == 2
    assert [each["id"] for each in found[0]["related"]] == [close["id"], nearer["id"]]
    assert [each["id"] for each in found[1]["related"]] == [origin["id"], nearer["id"]]
    assert [
        each["id"]
        for each in (await products.ask(operation, r=asked[:1], first=1))["_entities"][0]["related"]
    ] == [close["id"]]
    assert (await products.refused(operation, r=asked[:1], first=101))["extensions"][
        "code"
    ] == "BAD_USER_INPUT"


async def test_who_finds_a_review_helpful_is_counted_once(products: Products) -> None:
    product, author, reader = await products.create("Editor"), str(uuid4()), str(uuid4())
    review = (await say(products, product["id"], 5, author))["review"]["id"]
    votes = [products.ask(VOTE, verified(reader), id=review, helpful=True) for _ in range(4)]
    votes += [products.ask(VOTE, verified(str(uuid4())), id=review, helpful=True) for _ in range(4)]
    await asyncio.gather(*votes)
    found = (await products.ask(VOTE, verified(reader), id=review, helpful=True))["voteReview"]
    assert found == {"review": {"id": review, "helpfulCount": 5}, "errors": []}
    for _ in range(2):
        found = (await products.ask(VOTE, verified(reader), id=review, helpful=False))["voteReview"]
        assert found["review"]["helpfulCount"] == 4
    own = (await products.ask(VOTE, verified(author), id=review, helpful=True))["voteReview"]
    assert own["errors"] == [{"__typename": "ValidationError", "code": "FORBIDDEN", "path": ["id"]}]
    for nothing in (str(uuid4()), "nonsense"):
        found = (await products.ask(VOTE, verified(reader), id=nothing, helpful=True))["voteReview"]
        assert found["errors"][0]["code"] == "NOT_FOUND"
    refused = await products.refused(VOTE, None, id=review, helpful=True)
    assert refused["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_most_helpful_reviews_come_first_page_by_page(products: Products) -> None:
    product = await products.create("Editor")
    made = [(await say(products, product["id"]))["review"]["id"] for _ in range(5)]
    for review, number in zip(made, (1, 3, 0, 3, 2), strict=True):
        for _ in range(number):
            await products.ask(VOTE, verified(str(uuid4())), id=review, helpful=True)
    wanted = [review for _, review in sorted(zip((1, 3, 0, 3, 2), made, strict=True), reverse=True)]
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await products.ask(HELPFUL, id=product["id"], first=2, after=after))["product"]["reviews"]
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == wanted


LISTS: list[dict[str, Any]] = [
    *(
        {"sort": [{"field": field, "direction": direction}]}
        for field in ("NAME", "PRICE", "CREATED_AT", "RATING", "BEST_SELLING")
        for direction in ("ASC", "DESC")
    ),
    {"filter": {"search": "c4ca4238"}},
    {"filter": {"categorySlugs": ["shelf-3"]}},
    {"filter": {"features": ["feature 17"]}},
    {"filter": {"minRating": 3.5}, "sort": [{"field": "RATING", "direction": "DESC"}]},
]


async def test_no_page_of_a_list_reads_a_whole_table(products: Products) -> None:
    await products.execute("""INSERT INTO categories (slug, name)
        SELECT 'shelf-' || i, 'Shelf ' || i FROM generate_series(1, 20) AS i""")
    await products.execute("""INSERT INTO products (slug, name, category_id, price_minor, currency, features, status, created_at)
        SELECT 'p-' || i, 'App ' || substr(md5(i::text), 1, 8), categories.id, i * 31 % 9000, 'USD',
            ARRAY['feature ' || i % 500], 'PUBLISHED', now() - i * interval '1 minute'
        FROM generate_series(1, 20000) AS i JOIN categories ON categories.slug = 'shelf-' || (1 + i % 20)""")
    await products.execute("UPDATE products SET rating_counts[1 + (hashtext(id::text) & 3)] = 1")
    await products.execute("UPDATE products SET units_sold = abs(hashtext(id::text)::bigint) % 1000")
    for table in ("products", "categories"):
        await products.execute(f"ANALYZE {table}")
    page = """query($sort: [ProductSort!], $filter: ProductFilter, $after: String) {
      products(sort: $sort, filter: $filter, after: $after, first: 10) { pageInfo { endCursor } } }"""
    for given in LISTS:
        cursor = (await products.ask(page, **given))["products"]["pageInfo"]["endCursor"]
        for after in (None, cursor):
            for plan in await explain(products, page, **given, after=after):
                assert "Seq Scan on products" not in plan, f"{given}\n{plan}"


async def explain(products: Products, operation: str, **variables: Any) -> list[str]:
    """The plans of the statements that an operation sends."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    engine = products.service.database.engine
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        await products.ask(operation, **variables)
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    plans = []
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        for statement, parameters in sent:
            rows = await raw.fetch(f"EXPLAIN {statement}", *parameters)
            plans.append("\n".join(row[0] for row in rows))
        await connection.execute(text("SELECT 1"))
    return plans
