"""The demo catalogue as rows."""

from datetime import UTC, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.products.domain import FEATURE_CHARACTERS_MAX, FEATURES_MAX, check_name, check_slug
from subgraphs.products.seed import CATALOGUE, build_categories, build_id, build_product


def test_every_demo_row_keeps_the_rules_of_the_catalogue() -> None:
    apps = orjson.loads(CATALOGUE.read_bytes())
    rows = [build_product(app) for app in apps]
    categories = build_categories(app["category"] for app in apps)
    assert len(rows) == len({row["id"] for row in rows}) == len({row["slug"] for row in rows}) == 776
    assert {row["category_id"] for row in rows} == {category["id"] for category in categories}
    for row in rows:
        assert check_name(row["name"], ()) == row["name"]
        assert check_slug(row["slug"], ())
        assert len(row["features"]) <= FEATURES_MAX
        assert all(0 < len(feature) <= FEATURE_CHARACTERS_MAX for feature in row["features"])
        assert 0 <= row["unit_cost_minor"] <= row["price_minor"]


@given(st.text(), st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year >= 1970))
def test_ids_are_stable_uuids_of_version_7_with_the_time_in_them(slug: str, at: datetime) -> None:
    made = build_id("product", slug, at)
    assert made == build_id("product", slug, at)
    assert made != build_id("category", slug, at)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(at.timestamp() * 1000)
