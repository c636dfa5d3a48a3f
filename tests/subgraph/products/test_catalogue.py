"""Reading the demo catalogue: lists, filters, search, sort, pages; and how many statements that takes."""

from typing import Any

import pytest

from subgraphs.common.demo.scope import read_demo_scope
from subgraphs.common.pagination import encode_cursor
from subgraphs.products.seed import seed
from tests.subgraph.products.conftest import ADMIN, CUSTOMER, Products

NAMES = """query($filter: ProductFilter, $sort: [ProductSort!], $first: Int) {
  products(filter: $filter, sort: $sort, first: $first) { totalCount nodes { name slug price { amount currency } } } }"""
PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $sort: [ProductSort!], $filter: ProductFilter) {
  products(first: $first, after: $after, last: $last, before: $before, sort: $sort, filter: $filter) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
SORTS: list[list[dict[str, str]]] = [
    [{"field": "NAME"}],
    [{"field": "NAME", "direction": "DESC"}],
    [{"field": "PRICE"}],
    [{"field": "PRICE", "direction": "DESC"}, {"field": "NAME"}],
    [{"field": "CREATED_AT", "direction": "DESC"}],
    [{"field": "PRICE"}, {"field": "CREATED_AT", "direction": "DESC"}],
    [{"field": "RATING", "direction": "DESC"}],
    [{"field": "RATING"}, {"field": "NAME", "direction": "DESC"}],
    [{"field": "BEST_SELLING", "direction": "DESC"}],
    [{"field": "BEST_SELLING"}, {"field": "RATING", "direction": "DESC"}],
    [{"field": "NAME"}, {"field": "BEST_SELLING"}],
]


async def names(catalogue: Products, **filters: Any) -> list[str]:
    data = await catalogue.ask(NAMES, filter=filters, first=100)
    return [node["name"] for node in data["products"]["nodes"]]


async def walk(catalogue: Products, *, backward: bool, size: int, **more: Any) -> list[str]:
    """The ids of a whole list in its order, read page by page."""
    ids: list[str] = []
    cursor = None
    while True:
        if backward:
            data = await catalogue.ask(PAGE, first=None, last=size, before=cursor, **more)
        else:
            data = await catalogue.ask(PAGE, first=size, after=cursor, **more)
        page = data["products"]
        found = [edge["node"]["id"] for edge in page["edges"]]
        ids = found + ids if backward else ids + found
        info = page["pageInfo"]
        assert info["startCursor"] == (page["edges"][0]["cursor"] if found else None)
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return ids
        cursor = info["startCursor" if backward else "endCursor"]


async def test_the_demo_has_776_products_in_19_categories(catalogue: Products) -> None:
    data = await catalogue.ask("{ products { totalCount nodes { id } } categories { name productCount } }")
    assert data["products"]["totalCount"] == 776
    assert len(data["products"]["nodes"]) == 20
    assert len(data["categories"]) == 19
    assert sum(category["productCount"] for category in data["categories"]) == 776


@pytest.mark.parametrize("sort", SORTS)
async def test_walking_forward_and_backward_gives_every_product_once_in_the_same_order(
    catalogue: Products, sort: list[dict[str, str]]
) -> None:
    forward = await walk(catalogue, backward=False, size=97, sort=sort)
    backward = await walk(catalogue, backward=True, size=100, sort=sort)
    assert len(forward) == len({*forward}) == 776
    assert backward == forward


async def test_a_search_can_be_walked_in_both_directions(catalogue: Products) -> None:
    wanted = {"filter": {"search": "editor"}}
    forward = await walk(catalogue, backward=False, size=7, **wanted)
    assert len(forward) == len({*forward}) > 20
    assert await walk(catalogue, backward=True, size=9, **wanted) == forward


async def test_a_page_between_two_cursors(catalogue: Products) -> None:
    whole = (await catalogue.ask(PAGE, first=10))["products"]["edges"]
    between = await catalogue.ask(PAGE, first=100, after=whole[2]["cursor"], before=whole[6]["cursor"])
    assert [edge["node"]["id"] for edge in between["products"]["edges"]] == [
        edge["node"]["id"] for edge in whole[3:6]
    ]


async def test_prices_ascend(catalogue: Products) -> None:
    data = await catalogue.ask(NAMES, sort=[{"field": "PRICE"}], first=100)
    amounts = [float(node["price"]["amount"]) for node in data["products"]["nodes"]]
    assert amounts == sorted(amounts)
    assert len({*amounts}) > 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Slack", "Slack"),
        ("slakc", "Slack"),
        ("discrod", "Discord"),
        ("Visual Studio", "Visual Studio Code"),
        ("vizual studoi code", "Visual Studio Code"),
        ("whatsap", "WhatsApp"),
        ("SLÁCK", "Slack"),
        ("markdwon", "Markdown"),
    ],
)
async def test_a_search_forgives_typing_errors(catalogue: Products, typed: str, meant: str) -> None:
    found = await names(catalogue, search=typed)
    assert any(meant.lower() in name.lower() for name in found[:5]), found[:10]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ویرایشگر متن 3", "ویرایشگر متن ۳"),
        ("ويرايشگر ٣", "ویرایشگر متن ۳"),
        ("редактор", "Редактор Ёлка"),
        ("елка", "Редактор Ёлка"),
        ("Elan\u0301 v2", "Élan v2"),
        ("knit", "Élan v2"),
        ("plans kni", "Élan v2"),
        ("ویرایش", "ویرایشگر متن ۳"),
    ],
)
async def test_a_search_reads_what_is_meant_in_other_scripts_and_before_it_is_all_typed(
    products: Products, typed: str, meant: str
) -> None:
    for name, description in (
        ("ویرایشگر متن ۳", None),
        ("Редактор Ёлка", None),
        ("Élan v2", "Plans knitting."),
        ("Kiln", "Bakes pots."),
    ):
        await products.create(name, description=description)
    assert await names(products, search=typed) == [meant]


async def test_what_is_excluded_is_not_guessed_to_be_meant(catalogue: Products) -> None:
    without = await names(catalogue, search="slack -messaging")
    assert "Slack" in await names(catalogue, search="slack")
    assert "Slack" not in without
    assert await names(catalogue, search='"studio visual"') == []


async def test_the_exact_name_comes_first_with_score_and_snippet(catalogue: Products) -> None:
    data = await catalogue.ask(
        """{ products(filter: {search: "slack"}) { edges { score snippet node { name } } } }"""
    )
    edges = data["products"]["edges"]
    assert edges[0]["node"]["name"] == "Slack"
    scores = [edge["score"] for edge in edges]
    assert scores == sorted(scores, reverse=True)
    assert edges[0]["snippet"]
    plain = await catalogue.ask("{ products(first: 1) { edges { score snippet } } }")
    assert plain["products"]["edges"] == [{"score": None, "snippet": None}]


@pytest.mark.parametrize(
    "search",
    [
        "'; DROP TABLE products; --",
        "a & | ! (",
        '"',
        "%",
        "_",
        "\\",
        "<script>",
        ":*",
        "💥" * 50,
        "-",
        "'" * 200,
    ],
)
async def test_a_search_is_only_ever_text(catalogue: Products, search: str) -> None:
    data = await catalogue.ask(NAMES, filter={"search": search})
    assert data["products"]["totalCount"] < 776
    assert (await catalogue.ask("{ products { totalCount } }"))["products"]["totalCount"] == 776


async def test_an_empty_search_is_no_search(catalogue: Products) -> None:
    data = await catalogue.ask(NAMES, filter={"search": "  "})
    assert data["products"]["totalCount"] == 776


async def test_filters_meet(catalogue: Products) -> None:
    operation = """query($filter: ProductFilter) { products(filter: $filter, first: 100) {
        totalCount nodes { id category { slug } price { amount } features createdAt } } }"""
    given = {
        "categorySlugs": ["developer-tools", "utilities"],
        "minPrice": {"amount": "5", "currency": "USD"},
        "maxPrice": {"amount": "20.00", "currency": "USD"},
        "createdAfter": "2018-01-01T00:00:00Z",
    }
    found = (await catalogue.ask(operation, filter=given))["products"]["nodes"]
    assert {node["category"]["slug"] for node in found} == {"developer-tools", "utilities"}
    assert all(5 <= float(node["price"]["amount"]) <= 20 for node in found)
    assert all(node["createdAt"] > "2018-01-01" for node in found)
    wanted = next(node for node in found if len(node["features"]) > 1)
    alike = (await catalogue.ask(operation, filter={"features": wanted["features"][:2]}))["products"]
    assert wanted["id"] in [node["id"] for node in alike["nodes"]]
    assert all({*wanted["features"][:2]} <= {*node["features"]} for node in alike["nodes"])


async def test_ids_of_nothing_match_nothing(catalogue: Products) -> None:
    one = (await catalogue.ask("{ products(first: 1) { nodes { id } } }"))["products"]["nodes"][0]["id"]
    wanted = ["nonsense", "00000000-0000-7000-8000-000000000000", one]
    data = await catalogue.ask(
        "query($ids: [ID!]) { products(filter: {ids: $ids}) { nodes { id } } }", ids=wanted
    )
    assert data["products"]["nodes"] == [{"id": one}]
    matching_nothing: list[dict[str, list[str]]] = [
        {"ids": []},
        {"categoryIds": ["x"]},
        {"categorySlugs": ["none"]},
    ]
    for empty in matching_nothing:
        assert await names(catalogue, **empty) == []


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ("first: -1", {}),
        ("first: 101", {}),
        ("first: 3, last: 3", {}),
        ("last: -1", {}),
        ('after: "nonsense"', {}),
        ('after: "////"', {}),
        ('after: "WyJQUklDRSsiLCAiVVNEIiwgIngiLCAieSJd", sort: [{field: PRICE}]', {}),
        ('after: "WyJOQU1FKyIsICJcdTAwMDAiLCAieSJd"', {}),
        ("sort: [{field: NAME}, {field: NAME}]", {}),
        ("sort: [{field: RELEVANCE}]", {}),
        ("sort: [{field: WEIGHT}]", {}),
        ('filter: {minPrice: {amount: "1", currency: "XXX"}}', {}),
        ('filter: {minPrice: {amount: "1.999", currency: "USD"}}', {}),
        ('filter: {minPrice: {amount: "1e9", currency: "USD"}}', {}),
        ('filter: {minPrice: {amount: 5, currency: "USD"}}', {}),
        (
            'filter: {minPrice: {amount: "1", currency: "USD"}, maxPrice: {amount: "2", currency: "EUR"}}',
            {},
        ),
        ('filter: {createdAfter: "yesterday"}', {}),
        ("filter: {search: $text}", {"text": "x" * 201}),
        ("filter: {search: $text}", {"text": "nul\0"}),
        ('filter: {search: "nul\\u0000"}', {}),
        ("filter: {features: $texts}", {"texts": ["x"] * 101}),
        ("filter: {status: DRAFT}", {}),
    ],
)
async def test_unusable_arguments_get_a_clear_error(
    catalogue: Products, arguments: str, variables: dict[str, Any]
) -> None:
    declared = {"text": "($text: String)", "texts": "($texts: [String!])"}
    head = next((declared[name] for name in variables), "")
    operation = f"query{head} {{ products({arguments}) {{ nodes {{ id }} }} }}"
    error = await catalogue.refused(operation, CUSTOMER, **variables)
    assert error["message"]
    assert "Traceback" not in str(error)


async def test_a_cursor_of_another_sort_is_refused(catalogue: Products) -> None:
    edge = (await catalogue.ask(PAGE, first=1))["products"]["edges"][0]
    error = await catalogue.refused(PAGE, after=edge["cursor"], sort=[{"field": "PRICE"}])
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("CREATED_AT", ("9999-12-31T23:59:59-14:00",)),
        ("CREATED_AT", ("0001-01-01T00:00:00+14:00",)),
        ("CREATED_AT", ("2020-01-01T00:00:00",)),
        ("CREATED_AT", (5,)),
        ("RELEVANCE", ("1E+999999",)),
        ("RELEVANCE", ("1E+100",)),
        ("RELEVANCE", ("Infinity",)),
        ("RELEVANCE", ("NaN",)),
        ("RELEVANCE", ("sNaN",)),
        ("RELEVANCE", (1.5,)),
        ("PRICE", ("USD", 2**63)),
        ("PRICE", ("USD", "1")),
        ("PRICE", ("USD",)),
        ("NAME", (None,)),
        ("RATING", ("5.00",)),
        ("RATING", ("5.00", 2**63)),
        ("BEST_SELLING", ("5",)),
        ("BEST_SELLING", (1.5,)),
    ],
)
async def test_a_forged_cursor_is_refused(catalogue: Products, field: str, values: tuple[Any, ...]) -> None:
    cursor = encode_cursor((f"{field}+", *values, "00000000-0000-7000-8000-000000000000"))
    sides: list[dict[str, Any]] = [{"first": 2, "after": cursor}, {"last": 2, "before": cursor}]
    for side in sides:
        error = await catalogue.refused(PAGE, **side, sort=[{"field": field}], filter={"search": "code"})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_forged_score_of_any_precision_is_only_a_place_in_the_list(catalogue: Products) -> None:
    cursor = encode_cursor(("RELEVANCE+", "1E-999999", "00000000-0000-7000-8000-000000000000"))
    page = await catalogue.ask(PAGE, after=cursor, filter={"search": "code"})
    assert page["products"]["edges"] == []


async def test_a_list_takes_one_statement_and_its_count_another(catalogue: Products) -> None:
    with catalogue.service.database.record_statements() as statements:
        await catalogue.ask("{ products(first: 100) { nodes { id name } } }")
    assert len(statements) == 1
    with catalogue.service.database.record_statements() as statements:
        await catalogue.ask(
            "{ products(first: 100) { totalCount nodes { category { name parent { id } } } } }"
        )
    assert len(statements) == 3


async def test_products_of_all_categories_take_one_statement(catalogue: Products) -> None:
    operation = """{ categories { id productCount children { id } products(first: 3) {
        totalCount pageInfo { hasNextPage endCursor } nodes { name category { id } } } } }"""
    with catalogue.service.database.record_statements() as statements:
        data = await catalogue.ask(operation)
    # The categories, and of all of them together: children, counts, shelves, the products' categories.
    assert len(statements) == 5, statements
    for category in data["categories"]:
        page = category["products"]
        assert page["totalCount"] == category["productCount"]
        assert len(page["nodes"]) == min(3, category["productCount"])
        assert page["pageInfo"]["hasNextPage"] == (category["productCount"] > 3)
        assert {node["category"]["id"] for node in page["nodes"]} <= {category["id"]}


async def test_a_category_can_be_walked(catalogue: Products) -> None:
    operation = """query($after: String) { category(slug: "games") { productCount products(first: 11, after: $after) {
        nodes { slug } pageInfo { hasNextPage endCursor } } } }"""
    slugs: list[str] = []
    after, more = None, True
    while more:
        category = (await catalogue.ask(operation, after=after))["category"]
        slugs += [node["slug"] for node in category["products"]["nodes"]]
        info = category["products"]["pageInfo"]
        after, more = info["endCursor"], info["hasNextPage"]
    assert len(slugs) == len({*slugs}) == category["productCount"] > 22


async def test_one_product_by_id_or_slug(catalogue: Products) -> None:
    by_slug = (await catalogue.ask('{ product(slug: "slack") { id name imageUrl(width: 64) } }'))["product"]
    by_id = await catalogue.ask("query($id: ID) { product(id: $id) { slug } }", id=by_slug["id"])
    assert by_id["product"]["slug"] == "slack"
    assert by_slug["imageUrl"].startswith("data:image/svg+xml;base64,")
    for wanted in ('id: "1"', 'slug: "no-such"', f'slug: "{"x" * 5000}"'):
        assert (await catalogue.ask(f"{{ product({wanted}) {{ id }} }}"))["product"] is None
    for wanted in ("", '(id: "1", slug: "2")'):
        error = await catalogue.refused(f"{{ product{wanted} {{ id }} }}")
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert (await catalogue.ask('{ category(slug: "no-such") { id } }'))["category"] is None


async def test_what_a_product_costs_the_shop_is_for_who_writes_the_catalogue(catalogue: Products) -> None:
    operation = '{ product(slug: "slack") { unitCost { amount } } }'
    for token in (None, CUSTOMER):
        assert (await catalogue.ask(operation, token))["product"]["unitCost"] is None
    assert (await catalogue.ask(operation, ADMIN))["product"]["unitCost"]["amount"]


async def test_the_demo_can_be_loaded_again(catalogue: Products) -> None:
    await seed(catalogue.service, read_demo_scope({}))
    assert (await catalogue.ask("{ products { totalCount } }"))["products"]["totalCount"] == 776


async def test_the_demo_stands_in_categories_that_were_there_before_it(products: Products) -> None:
    category = await products.create_category("Utilities")
    mine = await products.create("My clipboard", slug="1clipboard", categoryId=category["id"])
    await seed(products.service, read_demo_scope({}))
    data = await products.ask(
        """{ categories { id } category(slug: "utilities") { id productCount }
             product(slug: "1clipboard") { id name } products { totalCount } }"""
    )
    assert len(data["categories"]) == 19
    assert data["category"]["id"] == category["id"]
    assert data["category"]["productCount"] > 1
    assert data["product"] == {"id": mine["id"], "name": "My clipboard"}
    assert data["products"]["totalCount"] == 776


async def test_half_a_surrogate_pair_is_refused(catalogue: Products) -> None:
    body = b'{"query": "query($t: String) { products(filter: {search: $t}) { totalCount } }", "variables": {"t": "\\ud800"}}'
    response = await catalogue.client.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code == 400
