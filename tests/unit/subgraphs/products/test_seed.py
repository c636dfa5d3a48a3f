"""The demo catalogue as rows."""

from subgraphs.common.demo.catalogue import read_catalogue
from subgraphs.common.demo.scope import build_bulk_scope, read_demo_scope
from subgraphs.products.domain import FEATURE_CHARACTERS_MAX, FEATURES_MAX, check_name, check_slug
from subgraphs.products.seed import build_categories, build_product


def test_every_demo_row_keeps_the_rules_of_the_catalogue() -> None:
    for scope, count in ((read_demo_scope({}), 776), (build_bulk_scope(20_000, {}), 2_000)):
        apps = read_catalogue(scope)
        rows = [build_product(app) for app in apps]
        categories = build_categories(app.facts["category"] for app in apps)
        assert len(rows) == len({row["id"] for row in rows}) == len({row["slug"] for row in rows}) == count
        assert {row["category_id"] for row in rows} == {category["id"] for category in categories}
        for row in rows:
            assert check_name(row["name"], ()) == row["name"]
            assert check_slug(row["slug"], ())
            assert len(row["features"]) <= FEATURES_MAX
            assert all(0 < len(feature) <= FEATURE_CHARACTERS_MAX for feature in row["features"])
            assert row["unit_cost_minor"] >= 0
            assert row["price_minor"] >= 0
