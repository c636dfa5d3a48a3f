"""Assembly: the service, the gateway and the GraphQL schema in one application."""

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
from subgraphs.payments.internal import build_listener, build_webhook_router
from subgraphs.payments.schema import schema
from subgraphs.payments.schema.context import PaymentsContext
from subgraphs.payments.seed import seed
from subgraphs.payments.service import PaymentsService, build_service
from subgraphs.payments.service.gateway import DevelopmentGateway, PaymentGateway
from subgraphs.payments.service.provider import ProviderGateway
from subgraphs.payments.settings import SANDBOX_GATEWAY, PaymentsSettings, read_payments_settings

QUEUES = {
    "outbox": "SELECT count(*) FROM outbox",
    "open_payments": "SELECT count(*) FROM payments WHERE status IN ('PENDING', 'REQUIRES_ACTION', 'PROCESSING')",
    "refunds": "SELECT count(*) FROM refunds WHERE status = 'PENDING'",
}
"""How much waits to be done, or to be paid."""


def create_app(common: CommonSettings, environ: Mapping[str, str]) -> FastAPI:
    """Payments as it runs in production.

    Raises:
        SettingsError: its own settings cannot be used.
    """
    settings = read_payments_settings(common, environ)
    auth, orders = (InternalClient(common.peers[name], common.internal_secret) for name in ("auth", "orders"))
    closers: list[Closer] = [auth.close, orders.close]
    gateway: PaymentGateway = DevelopmentGateway()
    if settings.gateway == SANDBOX_GATEWAY:
        gateway = provider = ProviderGateway(settings.gateway_url, settings.gateway_key)
        closers.append(provider.close)
    bus = open_bus(common)
    courier = bus or HttpCourier({"orders": orders})
    service = build_service(Database(settings.common.database_url), orders, gateway, courier)
    return assemble(settings, service, build_verifier(common, auth), closers, bus)


def assemble(
    settings: PaymentsSettings,
    service: PaymentsService,
    verifier: TokenVerifier,
    closers: Sequence[Closer] = (),
    bus: Bus | None = None,
) -> FastAPI:
    """Put a service behind HTTP and, if there is one, on the bus; `verifier` checks access tokens."""
    hear = build_listener(service)

    build_context = partial(PaymentsContext, service)

    check_signature = build_signature_check(settings.common.internal_secret)
    routers = [
        build_event_router(hear, check_signature),
        build_personal_data_router(service.people, check_signature),
    ]
    if settings.gateway_secret:
        routers.append(build_webhook_router(service, settings.gateway_secret))
    return create_web_app(
        name="payments",
        schema=schema,
        database=service.database,
        build_context=of_token(verifier, build_context),
        queues=QUEUES,
        live=Live(LiveFeed(service.database), verifier, build_context),
        routers=routers,
        runners=[service.upkeep.run, verifier.revocations.run, *([partial(bus.run, hear)] if bus else [])],
        closers=[*closers, *([bus.close] if bus else [])],
    )


async def seed_demo(common: CommonSettings, environ: Mapping[str, str], scope: Scope) -> None:
    """Load the demo data; in another profile than development there are no people to buy anything."""
    if common.profile is not Profile.DEVELOPMENT:
        return
    settings = read_payments_settings(common, environ)
    orders = InternalClient(common.peers["orders"], common.internal_secret)
    service = build_service(
        Database(settings.common.database_url), orders, DevelopmentGateway(), HttpCourier({"orders": orders})
    )
    try:
        await seed(service, scope)
    finally:
        await orders.close()
        await service.database.close()
