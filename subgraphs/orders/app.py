"""Assembly: the service, the GraphQL schema and the internal routes in one application."""

from collections.abc import Mapping, Sequence
from functools import partial

from fastapi import FastAPI

from subgraphs.common.auth import TokenVerifier
from subgraphs.common.database import Database
from subgraphs.common.delivery import Bus, HttpCourier, open_bus
from subgraphs.common.demo.scope import Scope
from subgraphs.common.events import build_event_router
from subgraphs.common.internal import InternalClient, build_signature_check
from subgraphs.common.jwks import build_verifier
from subgraphs.common.live import LiveFeed
from subgraphs.common.personal_data import build_personal_data_router
from subgraphs.common.settings import CommonSettings, Profile
from subgraphs.common.socket import Live
from subgraphs.common.web import Closer, of_token
from subgraphs.common.web import create_app as create_web_app
from subgraphs.orders.internal import build_download_router, build_listener, build_router
from subgraphs.orders.schema import schema
from subgraphs.orders.schema.context import OrdersContext
from subgraphs.orders.seed import seed
from subgraphs.orders.service import OrdersService, build_service
from subgraphs.orders.settings import OrdersSettings, read_orders_settings

QUEUES = {
    "outbox": "SELECT count(*) FROM outbox",
    "unpaid_orders": "SELECT count(*) FROM orders WHERE status = 'PENDING'",
    "paid_orders": "SELECT count(*) FROM orders WHERE status IN ('PAID', 'PROCESSING')",
}
"""How much waits to be done, or to be paid."""


def create_app(common: CommonSettings, environ: Mapping[str, str]) -> FastAPI:
    """Orders as it runs in production.

    Raises:
        SettingsError: its own settings cannot be used.
    """
    settings = read_orders_settings(common, environ)
    auth, products, payments = (
        InternalClient(common.peers[name], common.internal_secret)
        for name in ("auth", "products", "payments")
    )
    closers = [auth.close, products.close, payments.close]
    bus = open_bus(common)
    courier = bus or HttpCourier({"payments": payments})
    service = build_service(settings, Database(common.database_url), products, courier)
    return assemble(settings, service, build_verifier(common, auth), closers, bus)


def assemble(
    settings: OrdersSettings,
    service: OrdersService,
    verifier: TokenVerifier,
    closers: Sequence[Closer] = (),
    bus: Bus | None = None,
) -> FastAPI:
    """Put a service behind HTTP and, if there is one, on the bus; `verifier` checks access tokens."""
    hear = build_listener(service)

    check_signature = build_signature_check(settings.common.internal_secret)

    build_context = partial(OrdersContext, service)

    return create_web_app(
        name="orders",
        schema=schema,
        database=service.database,
        build_context=of_token(verifier, build_context),
        queues=QUEUES,
        live=Live(LiveFeed(service.database, service.changes), verifier, build_context),
        routers=[
            build_router(service, check_signature),
            build_event_router(hear, check_signature),
            build_personal_data_router(service.people, check_signature),
            build_download_router(service),
        ],
        runners=[service.upkeep.run, verifier.revocations.run, *([partial(bus.run, hear)] if bus else [])],
        closers=[*closers, *([bus.close] if bus else [])],
    )


async def seed_demo(common: CommonSettings, environ: Mapping[str, str], scope: Scope) -> None:
    """Load the demo data; in another profile than development there are no people to buy anything."""
    if common.profile is not Profile.DEVELOPMENT:
        return
    settings = read_orders_settings(common, environ)
    products = InternalClient(common.peers["products"], common.internal_secret)
    payments = InternalClient(common.peers["payments"], common.internal_secret)
    service = build_service(
        settings, Database(common.database_url), products, HttpCourier({"payments": payments})
    )
    try:
        await seed(service, scope)
    finally:
        await products.close()
        await payments.close()
        await service.database.close()
