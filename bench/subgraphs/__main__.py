"""`python -m bench.subgraphs`: what one entity request costs a subgraph.

The request is what the router sends for a page of products: `_entities` with 20 representations. It goes to the products
subgraph with its Postgres, and to Strawberry alone with the same fields over a dictionary, in turns, each called through
ASGI in this process. Counted is the CPU of this process: Postgres is another one, and so is the socket.
"""

import argparse
import asyncio
import secrets
import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bench.in_process import ask, measure
from bench.subgraphs.bare import build_app
from stack.databases import Tenant, ensure_tenants
from stack.postgres import PostgresServer
from subgraphs.common.auth import TokenVerifier
from subgraphs.common.demo.scope import read_demo_scope
from subgraphs.common.internal import InternalClient
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import read_settings
from subgraphs.products.app import assemble, build_service
from subgraphs.products.seed import seed
from subgraphs.products.settings import read_products_settings

MIGRATIONS = Path(__file__).parents[2] / "subgraphs" / "products" / "migrations"
PATH = "/graphql"
REPRESENTATIONS = 20
FIELDS = "... on Product { id slug name price { amount currency } }"
ENTITIES = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ __typename {FIELDS} }} }}"
LISTED = (
    f"{{ products(first: {REPRESENTATIONS}) {{ nodes {{ id slug name price {{ amount currency }} }} }} }}"
)


async def compare(url: str, rounds: int, seconds: float) -> None:
    """Measure both and print."""
    environ = {
        "PRODUCTS_DATABASE_URL": url,
        "INTERNAL_SECRET": "of no use outside",
        "MARKETPLACE_PROFILE": "development",
    }
    settings = read_products_settings(read_settings("products", environ), environ)
    service = build_service(settings, InternalClient("http://orders.invalid", "of no use"))
    await migrate(url, MIGRATIONS)
    await seed(service, read_demo_scope({}), has_people=False)
    ours = assemble(settings, service, TokenVerifier(find_no_keys, "us", "shop"))
    listed = orjson.loads(await ask(ours, orjson.dumps({"query": LISTED}), PATH))["data"]["products"]["nodes"]
    bare = build_app(listed)
    representations = [{"__typename": "Product", "id": each["id"]} for each in listed]
    body = orjson.dumps({"query": ENTITIES, "variables": {"r": representations}})
    assert orjson.loads(await ask(ours, body, PATH)) == orjson.loads(await ask(bare, body, PATH))
    found: dict[str, list[float]] = {"products, with Postgres": [], "Strawberry alone": []}
    for _ in range(rounds):
        for name, app in zip(found, (ours, bare), strict=True):
            found[name].append(await measure(partial(ask, app, body, PATH), seconds))
    await service.database.close()
    print(f"CPU microseconds of one entity request, {REPRESENTATIONS} representations")
    base = statistics.median(found["Strawberry alone"])
    for name, values in found.items():
        median = statistics.median(values)
        print(f"{name:26} {median:7.0f}   ({min(values):.0f} to {max(values):.0f})   {median / base:5.2f}")


async def find_no_keys() -> dict[str, Any]:
    """Keys for nobody: the requests carry no token."""
    return {}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench.subgraphs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-subgraphs-") as folder:
        # Closed to everybody else, also to the account that Postgres runs as.
        Path(folder).chmod(0o711)
        server = PostgresServer(Path(folder) / "pg", settings={"fsync": "off"})
        server.start()
        try:
            tenant = Tenant("products", "products", secrets.token_hex(8))
            url = server.url("products", tenant.role, tenant.password)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(ensure_tenants(server.url("postgres"), {"products": tenant}))
                runner.run(compare(url, options.rounds, options.seconds))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
