"""Products' part of the demo story: the catalogue with its prices, reviews by buyers, and wishes.

Ids are the story's, so every installation has the same ones and loading twice changes nothing; what an administrator
changed meanwhile stays as it is.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from subgraphs.common.bulk import split
from subgraphs.common.demo.catalogue import App, read_catalogue
from subgraphs.common.demo.dice import build_id
from subgraphs.common.demo.opinions import Opinion, Wish, tell_opinions, tell_wishes
from subgraphs.common.demo.scope import Scope
from subgraphs.products.domain import FEATURE_CHARACTERS_MAX, FEATURES_MAX, ProductStatus, build_slug
from subgraphs.products.domain.reviews import Review, ReviewStatus
from subgraphs.products.service import ProductsService

UNIT_COST_PERCENT = 35
_FIRST_DAY = datetime(2015, 1, 1, tzinfo=UTC)
_APPS_AT_ONCE = 1_000

_log = logging.getLogger(__name__)


async def seed(service: ProductsService, scope: Scope, *, has_people: bool = True) -> None:
    """Store what is not there yet of the story; without people there is only the catalogue."""
    apps = read_catalogue(scope)
    categories = build_categories(app.facts["category"] for app in apps)
    for part in split(apps, _APPS_AT_ONCE):
        later = {app.id: app.prices[1:] for app in part}
        async with service.database.write() as session:
            await service.import_catalogue(session, categories, [build_product(app) for app in part], later)
    if not has_people:
        return
    done = 0
    for opinions in split(tell_opinions(scope)):
        await service.reviews.import_reviews([build_review(one) for one in opinions])
        done += len(opinions)
        _log.info("%d reviews", done)
    for wishes in split(tell_wishes(scope)):
        await service.reviews.import_wishes([build_wish(wish) for wish in wishes])


def build_categories(names: Iterable[str]) -> list[dict[str, Any]]:
    """The row of each category, once."""
    return [
        {"id": build_id("category", build_slug(name), _FIRST_DAY), "slug": build_slug(name), "name": name}
        for name in sorted({*names})
    ]


def build_product(app: App) -> dict[str, Any]:
    """The row of an app, at its first price."""
    facts, added_at = app.facts, app.added_at
    features = dict.fromkeys(
        feature.strip()[:FEATURE_CHARACTERS_MAX].strip() for feature in facts["features"]
    )
    return {
        "id": app.id,
        "slug": app.slug,
        "name": app.name,
        "description": facts["description"] or None,
        "category_id": build_id("category", build_slug(facts["category"]), _FIRST_DAY),
        "price_minor": app.prices[0][1],
        "currency": app.currency,
        "unit_cost_minor": facts["priceMinor"] * UNIT_COST_PERCENT // 100,
        "unit_cost_currency": app.currency,
        "features": [feature for feature in features if feature][:FEATURES_MAX],
        "attributes": {key: facts[key] for key in ("colors", "website") if facts.get(key)},
        "status": ProductStatus.PUBLISHED,
        "created_at": added_at,
        "updated_at": added_at,
    }


def build_review(one: Opinion) -> Review:
    """The review that an opinion is."""
    status = ReviewStatus(one.status)
    return Review(one.id, one.product_id, one.author_id, one.rating, one.title, one.body, status, one.at)


def build_wish(wish: Wish) -> dict[str, Any]:
    """The row of a wish."""
    return {"user_id": wish.user_id, "product_id": wish.product_id, "created_at": wish.at}
