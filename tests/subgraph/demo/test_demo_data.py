"""The demo data in five real databases: they agree, they are the same each time, and `verify` sees it when they do not."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no type information
import pytest

from stack.settings import SUBGRAPHS
from stack.verify.verify import check, connected, verify
from subgraphs.common.bulk import split
from subgraphs.common.database import Database
from subgraphs.common.demo.purchases import tell_purchases
from subgraphs.common.demo.scope import build_bulk_scope, read_demo_scope
from subgraphs.orders.seed import build_past
from subgraphs.orders.service.history import import_orders
from tests.support.demo_data import migrate_all, run, seed
from tests.support.postgres import DatabaseUrl

SMALL = replace(read_demo_scope({}), orders=400)
TABLES = {
    "auth": ("accounts",),
    "products": ("categories", "products", "reviews", "wishes", "price_points"),
    "orders": ("orders", "order_lines", "order_events", "licenses", "outbox"),
    "payments": ("payments", "payment_events", "payment_attempts", "refunds", "ledger_entries", "outbox"),
    "users": ("profiles",),
}


async def rows(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def contents(urls: Mapping[str, str]) -> dict[str, str]:
    """A digest of each table."""
    return {
        f"{name}.{table}": (
            await rows(urls[name], f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t")
        )[0][0]
        for name, tables in TABLES.items()
        for table in tables
    }


async def wrong(urls: Mapping[str, str]) -> dict[str, list[str]]:
    async with connected(urls) as connections:
        findings = await check(connections)
    return {sentence: things for sentence, things in findings.wrong.items() if things}


@pytest.fixture
def urls(fresh_postgres_url: DatabaseUrl) -> dict[str, str]:
    """Five databases with their tables, empty."""
    made = {name: fresh_postgres_url(name) for name in SUBGRAPHS}

    run(migrate_all(made))
    return made


@pytest.fixture(scope="module")
def seeded(postgres_url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Five databases with a small demo story; a test that spoils something puts it right."""
    made = {name: postgres_url(f"demo_{name}") for name in SUBGRAPHS}

    async def prepare() -> None:
        await migrate_all(made)
        await seed(made, SMALL, tmp_path_factory.mktemp("keys"))

    run(prepare())
    return made


def test_the_five_databases_tell_one_story(
    seeded: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(seeded)
    said = capsys.readouterr().out
    assert said.count("  yes ") > 20
    assert said.endswith("Everything holds.\n")


async def test_a_second_load_changes_nothing(seeded: dict[str, str], tmp_path: Path) -> None:
    before = await contents(seeded)
    assert None not in {value for table, value in before.items() if not table.endswith("outbox")}
    await seed(seeded, SMALL, tmp_path)
    assert await contents(seeded) == before


async def test_an_interrupted_load_goes_on(
    urls: dict[str, str], seeded: dict[str, str], tmp_path: Path
) -> None:
    # As if it had been killed in the middle: some orders are there, and no reviews.
    database = Database(urls["orders"])
    part = next(split(tell_purchases(SMALL, 100, 250), 60))
    assert await import_orders(database, [build_past(purchase) for purchase in part]) == 60
    await database.close()
    await seed(urls, replace(SMALL, orders=0), tmp_path, "products")
    await seed(urls, SMALL, tmp_path)
    assert await wrong(urls) == {}
    query = "SELECT id, number, status, refunded_minor, paid_by, created_at FROM orders ORDER BY id"
    assert await rows(urls["orders"], query) == await rows(seeded["orders"], query)
    query = "SELECT id, line_id, key, status, created_at FROM licenses ORDER BY id"
    assert await rows(urls["orders"], query) == await rows(seeded["orders"], query)


async def test_bulk_data_stand_beside_the_demo_and_beside_each_other(
    urls: dict[str, str], tmp_path: Path
) -> None:
    for scope in (SMALL, build_bulk_scope(300, {}), build_bulk_scope(150, {})):
        await seed(urls, scope, tmp_path)
    assert await wrong(urls) == {}
    assert (await rows(urls["orders"], "SELECT count(*) FROM orders"))[0][0] == 400 + 300 + 150
    before = await contents(urls)
    await seed(urls, build_bulk_scope(300, {}), tmp_path)
    assert await contents(urls) == before


async def test_in_production_there_is_a_catalogue_and_nobody(urls: dict[str, str], tmp_path: Path) -> None:
    await seed(urls, SMALL, tmp_path, "products", "orders", "payments", profile="production")
    assert (await rows(urls["products"], "SELECT count(*) FROM products"))[0][0] == 776
    for name, table in (
        ("products", "reviews"),
        ("products", "wishes"),
        ("orders", "orders"),
        ("payments", "payments"),
    ):
        assert await rows(urls[name], f"SELECT 1 FROM {table}") == []


async def test_the_past_prices_of_a_product_are_dated(seeded: dict[str, str]) -> None:
    found = await rows(
        seeded["products"],
        """SELECT min(since) = min(created_at) AS from_the_beginning, max(since) = max(updated_at) AS up_to_now,
        count(*) = max(version) AS counted FROM products JOIN price_points ON product_id = products.id
        GROUP BY products.id""",
    )
    assert {tuple(row) for row in found} == {(True, True, True)}


@pytest.mark.parametrize(("name", "events"), [("orders", "order_events"), ("payments", "payment_events")])
async def test_what_is_loaded_was_changed_when_its_last_event_says(
    seeded: dict[str, str], name: str, events: str
) -> None:
    late = f"""SELECT count(*) FROM (SELECT updated_at - max(at) AS lag FROM {name}
        JOIN {events} ON {events}.{name.removesuffix("s")}_id = {name}.id GROUP BY {name}.id) AS lags
        WHERE lag NOT BETWEEN '0' AND interval '1 millisecond'"""
    assert (await rows(seeded[name], late))[0][0] == 0


_ONE = {
    "order": "(SELECT id FROM orders WHERE status = 'COMPLETED' ORDER BY id LIMIT 1)",
    "payment": "(SELECT id FROM payments WHERE status = 'SUCCEEDED' ORDER BY id LIMIT 1)",
    "refunded": "(SELECT id FROM payments WHERE status = 'REFUNDED' AND NOT is_late ORDER BY id LIMIT 1)",
    "review": "(SELECT id FROM reviews WHERE status = 'PUBLISHED' ORDER BY id LIMIT 1)",
}


@pytest.mark.parametrize(
    ("database", "table", "statement", "sentence"),
    [
        ("orders", "orders", "UPDATE orders SET status = 'PROCESSING' WHERE id = {order}", "the last event of an order"),
        ("orders", "order_events", "DELETE FROM order_events WHERE order_id = {order} AND to_status = 'PAID'", "each event begins"),
        ("orders", "order_events", "DELETE FROM order_events WHERE order_id = {order} AND from_status IS NULL", "begins with one event"),
        ("orders", "licenses", "UPDATE licenses SET activation_limit = activation_limit + 1 WHERE order_id = {order}", "has one licence"),
        ("orders", "licenses", "DELETE FROM licenses WHERE order_id = {order}", "as many units"),
        ("orders", "licenses", "UPDATE licenses SET status = 'REVOKED' WHERE order_id = {order}", "leaves no licence"),
        ("orders", "licenses", "UPDATE licenses SET activation_count = 1 WHERE order_id = {order}", "counts the places"),
        ("orders", "order_lines", "UPDATE order_lines SET total_minor = total_minor * 2, unit_price_minor = unit_price_minor * 2 WHERE order_id = {order}", "the lines of an order add up"),
        ("orders", "orders", "UPDATE orders SET refunded_minor = 1 WHERE id = {order}", "what an order says went back"),
        ("orders", "orders", "UPDATE orders SET refunded_minor = total_minor WHERE id = {order}", "an order is refunded when"),
        ("orders", "orders", "UPDATE orders SET paid_by = uuidv7() WHERE id = {order}", "says who paid it"),
        ("orders", "orders", "UPDATE orders SET customer_id = uuidv7() WHERE id = {order}", "has an account"),
        ("payments", "payments", "UPDATE payments SET amount_minor = amount_minor + 1 WHERE id = {payment}", "the money that came"),
        ("payments", "payments", "UPDATE payments SET order_number = 'PAM-1' WHERE id = {payment}", "has its order's number"),
        ("payments", "payments", "UPDATE payments SET order_id = uuidv7() WHERE id = {payment}", "of an order that there is"),
        ("payments", "payments", "UPDATE payments SET status = 'PROCESSING', verified_at = NULL, order_outcome = NULL WHERE id = {payment}", "taken further by somebody"),
        ("payments", "payments", "UPDATE payments SET refunded_minor = refunded_minor - 1 WHERE id = {refunded}", "the refunds of a payment"),
        ("payments", "payment_events", "DELETE FROM payment_events WHERE payment_id = {payment}", "payments: each event begins"),
        ("payments", "ledger_entries", "UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE payment_id = {payment} AND account = 'SALES'", "adds up to zero"),
        ("payments", "ledger_entries", "DELETE FROM ledger_entries WHERE payment_id = {payment} AND posting LIKE 'capture:%'", "as captured"),
        ("payments", "ledger_entries", "DELETE FROM ledger_entries WHERE payment_id = {payment} AND posting LIKE 'sale:%'", "as sold"),
        ("payments", "ledger_entries", "DELETE FROM ledger_entries WHERE payment_id = {refunded} AND posting LIKE 'refund:%'", "each refund that succeeded"),
        ("products", "reviews", "UPDATE reviews SET rating = rating % 5 + 1 WHERE id = {review}", "ratings are what"),
        ("products", "reviews", "UPDATE reviews SET author_id = uuidv7() WHERE id = {review}", "by somebody who bought"),
        ("products", "products", "UPDATE products SET price_minor = price_minor + 1 WHERE slug = 'slack'", "what the last of its prices says"),
        ("orders", "order_lines", "UPDATE order_lines SET product_id = uuidv7() WHERE order_id = {order}", "is in the catalogue"),
        ("orders", "product_sales", "WITH placed AS (UPDATE changes SET position = sequence) UPDATE product_sales_head SET position = 1000000", "what was counted as sold"),
        ("products", "products", "UPDATE products SET units_sold = 7 WHERE slug = 'slack'", "copy of what was sold"),
        ("users", "profiles", "UPDATE profiles SET account_version = 1, role = 'ADMIN' WHERE email = 'demo@marketplace.test'", "copies its account"),
        ("users", "profiles", "UPDATE profiles SET id = uuidv7() WHERE email = 'demo@marketplace.test'", "somebody's who has an account"),
    ],
)  # fmt: skip
async def test_verify_finds_what_is_wrong(
    seeded: dict[str, str], database: str, table: str, statement: str, sentence: str
) -> None:
    async with connected(seeded) as connections:
        # Nothing of this is committed: what is spoilt is spoilt for these connections alone.
        await connections[database].execute("BEGIN")
        await connections[database].execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await connections[database].execute(statement.format(**_ONE))
        findings = await check(connections)
    found = [one for one, things in findings.wrong.items() if things]
    assert any(sentence in one for one in found), found
