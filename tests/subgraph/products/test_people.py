"""What products knows of one person: told, and forgotten."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from subgraphs.common.personal_data import PREFIX
from tests.subgraph.orders.client import until_somebody_waits
from tests.subgraph.products.conftest import ADMIN, Products
from tests.subgraph.products.test_discovery import VOTE
from tests.subgraph.products.test_reviews import MODERATE, WISH, read, say, verified


async def leave_traces(products: Products, user: str) -> Any:
    """Two reviews, one of them hidden by a moderator, and a wish; gives the product whose review is shown."""
    shown, hidden = await products.create("Editor"), await products.create("Player")
    await say(products, shown["id"], 4, user, title="Good")
    review = (await say(products, hidden["id"], 1, user, body="Call me: +49 30 1234567"))["review"]
    await products.ask(MODERATE, ADMIN, id=review["id"], status="REJECTED")
    await products.ask(WISH, verified(user), id=shown["id"])
    return shown


async def export(products: Products, user: str) -> Any:
    return (await products.post_internal(f"{PREFIX}/{user}/export", {})).json()["data"]


async def test_a_person_is_forgotten_and_the_rating_stays(products: Products) -> None:
    ada, bob = str(uuid4()), str(uuid4())
    shown = await leave_traces(products, ada)
    await leave_traces(products, bob)
    before, of_bob = await read(products, shown["id"]), await export(products, bob)
    for _ in range(2):
        response = await products.post_internal(f"{PREFIX}/{ada}/erase", {})
        assert (response.status_code, response.json()) == (200, {"erased": True})
    assert await read(products, shown["id"]) == before
    left = await export(products, ada)
    assert ([review["title"] for review in left["reviews"]], left["wishlist"]) == (["Good"], [])
    assert await export(products, bob) == of_bob


async def test_an_export_has_everything_of_one_person(products: Products) -> None:
    ada = str(uuid4())
    await leave_traces(products, ada)
    found = await export(products, ada)
    assert [(review["product"], review["status"]) for review in found["reviews"]] == [
        ("Player", "REJECTED"),
        ("Editor", "PUBLISHED"),
    ]
    assert [wish["product"] for wish in found["wishlist"]] == ["Editor"]
    assert await export(products, str(uuid4())) == {
        "reviews": [],
        "wishlist": [],
        "foundHelpful": [],
    }


async def test_votes_go_with_who_cast_them_and_with_the_review_they_were_for(products: Products) -> None:
    product, author, reader, other = await products.create("Editor"), *(str(uuid4()) for _ in range(3))
    review = (await say(products, product["id"], 5, author))["review"]["id"]
    for user in (reader, other):
        await products.ask(VOTE, verified(user), id=review, helpful=True)
    assert [vote["review"] for vote in (await export(products, reader))["foundHelpful"]] == [review]
    await products.post_internal(f"{PREFIX}/{reader}/erase", {})
    assert (await export(products, reader))["foundHelpful"] == []
    found = (await products.ask(VOTE, verified(other), id=review, helpful=True))["voteReview"]
    assert found["review"]["helpfulCount"] == 1
    hide = "mutation($id: ID!) { moderateReview(id: $id, status: REJECTED) { review { id } } }"
    await products.ask(hide, ADMIN, id=review)
    response = await products.post_internal(f"{PREFIX}/{author}/erase", {})
    assert response.json() == {"erased": True}
    assert (await export(products, other))["foundHelpful"] == []


WRITES = {
    "wish": "addToWishlist(productId: $id) { product { id } }",
    "vote": "voteReview(id: $id, helpful: true) { review { id } }",
    "review": "createReview(input: {productId: $id, rating: 1}) { review { id } }",
}


@pytest.mark.parametrize("name", WRITES)
async def test_nothing_is_written_in_the_name_of_who_is_forgotten(products: Products, name: str) -> None:
    ada = str(uuid4())
    first, second = [await products.create(name) for name in ("Editor", "Player")]
    reviews = [(await say(products, one["id"], 5, str(uuid4())))["review"] for one in (first, second)]
    products.orders.owned |= {(ada, first["id"]), (ada, second["id"])}
    ids = [one["id"] for one in (reviews if name == "vote" else (first, second))]
    write = f"mutation($id: ID!) {{ {WRITES[name]} }}"
    async with products.service.database.write() as session:
        # Whoever writes has the row by now, and waits to look whether its author is forgotten.
        await session.execute(text("LOCK TABLE erased_customers IN ACCESS EXCLUSIVE MODE"))
        writing = asyncio.ensure_future(products.ask(write, verified(ada), id=ids[0]))
        await until_somebody_waits(products)
        erasing = asyncio.ensure_future(products.post_internal(f"{PREFIX}/{ada}/erase", {}))
        await until_somebody_waits(products, count=2)
    await asyncio.gather(writing, erasing)
    left = await export(products, ada)
    # A review that was published stays, by somebody who has no name any more.
    assert [len(left[kind]) for kind in ("reviews", "wishlist", "foundHelpful")] == [name == "review", 0, 0]
    assert (await products.refused(write, verified(ada), id=ids[1]))["extensions"]["code"] == "FORBIDDEN"
    past = [{"user_id": UUID(user), "product_id": UUID(second["id"])} for user in (ada, str(uuid4()))]
    assert await products.service.reviews.import_wishes(past) == 1
    assert await export(products, ada) == left
