"""The demo catalogue: 776 real desktop apps at invented prices (THIRD-PARTY.md names the source and its licence).

Ids are made of the slugs, so every installation has the same ones and loading twice changes nothing; what an
administrator changed meanwhile stays as it is.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from subgraphs.products.domain import FEATURE_CHARACTERS_MAX, FEATURES_MAX, ProductStatus, build_slug
from subgraphs.products.service import ProductsService

CATALOGUE = Path(__file__).parent / "demo_catalogue.json"
UNIT_COST_PERCENT = 35
_FIRST_DAY = datetime(2015, 1, 1, tzinfo=UTC)


async def seed(service: ProductsService) -> None:
    """Store what is not there yet of the demo catalogue."""
    apps: list[dict[str, Any]] = orjson.loads(CATALOGUE.read_bytes())
    categories = build_categories(app["category"] for app in apps)
    products = [build_product(app) for app in apps]
    async with service.database.write() as session:
        await service.import_catalogue(session, categories, products)


def build_categories(names: Iterable[str]) -> list[dict[str, Any]]:
    """The row of each category, once."""
    return [
        {"id": build_id("category", build_slug(name), _FIRST_DAY), "slug": build_slug(name), "name": name}
        for name in sorted({*names})
    ]


def build_product(app: dict[str, Any]) -> dict[str, Any]:
    """The row of one app."""
    added_at = datetime.fromisoformat(app["addedOn"]).replace(tzinfo=UTC)
    features = dict.fromkeys(feature.strip()[:FEATURE_CHARACTERS_MAX].strip() for feature in app["features"])
    return {
        "id": build_id("product", app["slug"], added_at),
        "slug": app["slug"],
        "name": app["name"],
        "description": app["description"] or None,
        "category_id": build_id("category", build_slug(app["category"]), _FIRST_DAY),
        "price_minor": app["priceMinor"],
        "currency": app["currency"],
        "unit_cost_minor": app["priceMinor"] * UNIT_COST_PERCENT // 100,
        "unit_cost_currency": app["currency"],
        "features": [feature for feature in features if feature][:FEATURES_MAX],
        "attributes": {
            key: app[source]
            for key, source in (("colors", "colors"), ("website", "website"))
            if app.get(source)
        },
        "status": ProductStatus.PUBLISHED,
        "created_at": added_at,
        "updated_at": added_at,
    }


def build_id(kind: str, slug: str, at: datetime) -> UUID:
    """The id of a demo object: a UUID of version 7, whose random part is a digest of the slug.

    Spec: RFC 9562, 5.7.
    """
    digest = int.from_bytes(hashlib.sha256(f"demo:{kind}:{slug}".encode()).digest()[:10])
    at_ms = int(at.timestamp() * 1_000)
    bits = (at_ms << 80 | digest) & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=bits | 0x7 << 76 | 0x2 << 62)
