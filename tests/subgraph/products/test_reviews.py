"""Reviews by who has bought, the ratings that they add up to, wishlists and former prices."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.subgraph.products.conftest import ADMIN, ERRORS, Products, make_token

REVIEW = """review { id rating title body status verifiedPurchase author { id } product { id rating {
  average count histogram } } } errors { __typename ... on UserError { code path } }"""
CREATE = f"mutation($input: CreateReviewInput!) {{ createReview(input: $input) {{ {REVIEW} }} }}"
MODERATE = f"mutation($id: ID!, $status: ReviewStatus!) {{ moderateReview(id: $id, status: $status) {{ {REVIEW} }} }}"
LIST = """query($id: ID!, $first: Int, $after: String, $sort: ReviewSort) { product(id: $id) {
  rating { average count histogram }
  reviews(first: $first, after: $after, sort: $sort) { totalCount pageInfo { hasNextPage endCursor }
    nodes { id rating author { id } } } } }"""
WISH = "mutation($id: ID!) { addToWishlist(productId: $id) { product { id } " + ERRORS + " } }"
UNWISH = "mutation($id: ID!) { removeFromWishlist(productId: $id) { product { id } " + ERRORS + " } }"
WISHES = """query($user: ID!, $first: Int, $after: String) {
  _entities(representations: [{__typename: "User", id: $user}]) { ... on User {
    wishlist(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } } } }"""


def verified(user: str, **claims: Any) -> str:
    return make_token(sub=user, email_verified=True, role="USER", **claims)


async def say(
    products: Products, product_id: str, rating: int = 5, user: str | None = None, **more: Any
) -> Any:
    """The payload of a review by somebody who has bought the product."""
    user = user or str(uuid4())
    products.orders.owned.add((user, product_id))
    given = {"productId": product_id, "rating": rating, **more}
    return (await products.ask(CREATE, verified(user), input=given))["createReview"]


async def read(products: Products, product_id: str, **page: Any) -> Any:
    return (await products.ask(LIST, None, id=product_id, **page))["product"]


async def test_a_review_and_what_it_adds_up_to(products: Products) -> None:
    product = await products.create("Editor")
    user = str(uuid4())
    payload = await say(products, product["id"], 4, user, title=" Good ", body="Zoë: 山田 👩‍🚀")
    assert payload["errors"] == []
    review = payload["review"]
    assert (review["title"], review["body"], review["author"]) == ("Good", "Zoë: 山田 👩‍🚀", {"id": user})
    assert (review["status"], review["verifiedPurchase"]) == ("PUBLISHED", True)
    await say(products, product["id"], 1)
    found = await read(products, product["id"])
    assert found["rating"] == {"average": 2.5, "count": 2, "histogram": [1, 0, 0, 1, 0]}
    assert found["reviews"]["totalCount"] == 2


async def test_who_may_not(products: Products) -> None:
    product = await products.create("Editor")
    user = str(uuid4())
    given = {"productId": product["id"], "rating": 5}
    payload = (await products.ask(CREATE, verified(user), input=given))["createReview"]
    assert payload["errors"][0]["__typename"] == "NotPurchasedError"
    for token, code in (
        (None, "UNAUTHENTICATED"),
        (make_token(sub=user, email_verified=False), "FORBIDDEN"),
    ):
        assert (await products.refused(CREATE, token, input=given))["extensions"]["code"] == code
    products.orders.is_down = True
    refused = await products.refused(CREATE, verified(user), input=given)
    assert refused["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"


async def test_one_review_for_each_customer(products: Products) -> None:
    product = await products.create("Editor")
    user = str(uuid4())
    payloads = await asyncio.gather(*(say(products, product["id"], 5, user) for _ in range(8)))
    assert sum(payload["review"] is not None for payload in payloads) == 1
    refused = [payload["errors"][0] for payload in payloads if payload["errors"]]
    assert {error["code"] for error in refused} == {"NOT_UNIQUE"}
    assert (await read(products, product["id"]))["rating"]["count"] == 1


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"rating": 0}, ["input", "rating"]),
        ({"rating": 6}, ["input", "rating"]),
        ({"title": "x" * 121}, ["input", "title"]),
        ({"title": "two\nlines"}, ["input", "title"]),
        ({"body": "x" * 5001}, ["input", "body"]),
        ({"title": "two\u2028lines"}, ["input", "title"]),
        ({"title": "\u200b\u2060 \u3164\ufe0f"}, ["input", "title"]),
        ({"title": "safe\u202eexe.txt"}, ["input", "title"]),
        ({"body": "bell\a"}, ["input", "body"]),
        ({"body": "\u2066turned"}, ["input", "body"]),
    ],
)
async def test_what_is_out_of_bounds(products: Products, given: dict[str, Any], path: list[str]) -> None:
    product = await products.create("Editor")
    payload = await say(products, product["id"], **{"rating": 5, **given})
    assert (payload["review"], payload["errors"][0]["path"]) == (None, path)


async def test_words_are_kept_as_they_are_read(products: Products) -> None:
    product = await products.create("Editor")
    given = {"title": "  Cafe\u0301  ", "body": " זה טוב\u200f!\n\tبيت \u200d👩🏽\u200d🚀 "}
    review = (await say(products, product["id"], **given))["review"]
    assert (review["title"], review["body"]) == ("Café", "זה טוב\u200f!\n\tبيت \u200d👩🏽\u200d🚀")
    for nothing in ("", "  \n", "\u200b\u200d", "\u2800"):
        assert (await say(products, product["id"], body=nothing))["review"]["body"] is None


async def test_ratings_stay_exact_while_reviews_come_and_are_moderated(products: Products) -> None:
    product = await products.create("Editor")
    made = [(await say(products, product["id"], 1 + n % 5))["review"]["id"] for n in range(10)]
    moves = [
        products.ask(MODERATE, ADMIN, id=review, status=status)
        for review in made
        for status in ("REJECTED", "PUBLISHED", "PENDING", "PUBLISHED", "REJECTED")
    ]
    await asyncio.gather(*moves, *(say(products, product["id"], 5) for _ in range(10)))
    for review in made[:5]:
        await products.ask(MODERATE, ADMIN, id=review, status="PUBLISHED")
    for review in made[5:]:
        await products.ask(MODERATE, ADMIN, id=review, status="REJECTED")
    found = (await read(products, product["id"]))["rating"]
    assert found == {"average": 4.33, "count": 15, "histogram": [1, 1, 1, 1, 11]}


async def test_many_at_once_are_all_counted(products: Products) -> None:
    product = await products.create("Editor")
    await asyncio.gather(*(say(products, product["id"], 1 + n % 5) for n in range(25)))
    assert (await read(products, product["id"]))["rating"]["histogram"] == [5] * 5


@pytest.mark.parametrize("sort", ["NEWEST", "HIGHEST", "LOWEST"])
async def test_pages(products: Products, sort: str) -> None:
    product = await products.create("Editor")
    made = [(await say(products, product["id"], rating))["review"] for rating in (3, 5, 1, 5, 3)]
    wanted = [review["id"] for review in made[::-1]]
    if sort != "NEWEST":
        by_rating = sorted(made, key=lambda review: (review["rating"], review["id"]))
        wanted = [review["id"] for review in (by_rating if sort == "LOWEST" else by_rating[::-1])]
    seen: list[str] = []
    after = None
    while True:
        page = (await read(products, product["id"], first=2, after=after, sort=sort))["reviews"]
        seen += [review["id"] for review in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == wanted


async def test_a_hidden_review_counts_no_more_and_is_its_authors(products: Products) -> None:
    product = await products.create("Editor")
    user = str(uuid4())
    review = (await say(products, product["id"], 1, user))["review"]
    refused = await products.refused(MODERATE, verified(user), id=review["id"], status="REJECTED")
    assert refused["extensions"]["code"] == "FORBIDDEN"
    payload = (await products.ask(MODERATE, ADMIN, id=review["id"], status="REJECTED"))["moderateReview"]
    assert payload["review"]["product"]["rating"] == {"average": None, "count": 0, "histogram": [0] * 5}
    assert (await read(products, product["id"]))["reviews"]["nodes"] == []
    entity = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Review { id } } }"""
    asked = [{"__typename": "Review", "id": review["id"]}, {"__typename": "Review", "id": "x"}]
    for token, is_seen in (
        (None, False),
        (verified(str(uuid4())), False),
        (verified(user), True),
        (ADMIN, True),
    ):
        found = (await products.ask(entity, token, r=asked))["_entities"]
        assert [each is not None for each in found] == [is_seen, False]
    payload = (await products.ask(MODERATE, ADMIN, id="nonsense", status="PUBLISHED"))["moderateReview"]
    assert payload["errors"][0]["code"] == "NOT_FOUND"


async def test_a_wishlist_is_its_owners(products: Products) -> None:
    user = str(uuid4())
    made = [(await products.create(f"App {n}"))["id"] for n in range(3)]
    for product_id in (*made, made[0]):
        payload = (await products.ask(WISH, verified(user), id=product_id))["addToWishlist"]
        assert payload["errors"] == []
    (found,) = (await products.ask(WISHES, verified(user), user=user, first=2))["_entities"]
    assert [each["id"] for each in found["wishlist"]["nodes"]] == [made[2], made[1]]
    assert found["wishlist"]["totalCount"] == 3
    after = found["wishlist"]["pageInfo"]["endCursor"]
    (rest,) = (await products.ask(WISHES, verified(user), user=user, after=after))["_entities"]
    assert [each["id"] for each in rest["wishlist"]["nodes"]] == [made[0]]
    await products.ask(UNWISH, verified(user), id=made[1])
    await products.ask(UNWISH, verified(user), id="nonsense")
    (found,) = (await products.ask(WISHES, verified(user), user=user))["_entities"]
    assert [each["id"] for each in found["wishlist"]["nodes"]] == [made[2], made[0]]
    for token, code in ((None, "UNAUTHENTICATED"), (ADMIN, "FORBIDDEN")):
        assert (await products.refused(WISHES, token, user=user))["extensions"]["code"] == code
    payload = (await products.ask(WISH, verified(user), id=str(uuid4())))["addToWishlist"]
    assert payload["errors"][0]["code"] == "NOT_FOUND"


async def test_former_prices(products: Products) -> None:
    product = await products.create("Editor")
    change = """mutation($id: ID!, $input: UpdateProductInput!) { updateProduct(id: $id, input: $input) {
      product { id } errors { __typename } } }"""
    for given in ({"price": {"amount": "29.99", "currency": "USD"}}, {"name": "Writer"}):
        await products.ask(change, ADMIN, id=product["id"], input=given)
    query = "query($id: ID!) { product(id: $id) { priceHistory { price { amount } from to } } }"
    points = (await products.ask(query, ADMIN, id=product["id"]))["product"]["priceHistory"]
    assert [point["price"]["amount"] for point in points] == ["29.99", "19.99"]
    assert (points[0]["to"], points[1]["to"]) == (None, points[0]["from"])
    assert (await products.refused(query, None, id=product["id"]))["extensions"]["code"] == "UNAUTHENTICATED"


async def test_ratings_and_reviews_of_many_products_are_one_statement_each(products: Products) -> None:
    made = [(await products.create(f"App {n}"))["id"] for n in range(4)]
    for product_id in made:
        await say(products, product_id)
    asked = [{"__typename": "Product", "id": product_id} for product_id in made]
    query = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Product {
      rating { count } reviews { nodes { rating } totalCount } } } }"""
    with products.service.database.record_statements() as statements:
        found = (await products.ask(query, None, r=asked))["_entities"]
    assert [each["rating"]["count"] for each in found] == [1] * 4
    assert len(statements) == 3
