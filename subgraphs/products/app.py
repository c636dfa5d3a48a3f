"""Assembly: the service, the GraphQL schema and the internal routes in one application."""

from collections.abc import Mapping, Sequence
from functools import partial

from fastapi import FastAPI

from subgraphs.common.auth import TokenVerifier
from subgraphs.common.database import Database
from subgraphs.common.demo.scope import Scope
from subgraphs.common.internal import InternalClient, InternalPeer, build_signature_check
from subgraphs.common.jwks import build_verifier
from subgraphs.common.live import LiveFeed
from subgraphs.common.personal_data import build_personal_data_router
from subgraphs.common.settings import CommonSettings, Profile
from subgraphs.common.socket import Live
from subgraphs.common.web import Closer, of_token
from subgraphs.common.web import create_app as create_web_app
from subgraphs.products.internal import build_router
from subgraphs.products.schema import schema
from subgraphs.products.schema.context import ProductsContext
from subgraphs.products.seed import seed
from subgraphs.products.service import ProductsService
from subgraphs.products.service.people import People
from subgraphs.products.settings import ProductsSettings, read_products_settings


def create_app(common: CommonSettings, environ: Mapping[str, str]) -> FastAPI:
    """Products as it runs in production.

    Raises:
        SettingsError: its own settings cannot be used.
    """
    settings = read_products_settings(common, environ)
    auth, orders = (InternalClient(common.peers[name], common.internal_secret) for name in ("auth", "orders"))
    service = build_service(settings, orders)
    return assemble(settings, service, build_verifier(common, auth), [auth.close, orders.close])


def build_service(settings: ProductsSettings, orders: InternalPeer) -> ProductsService:
    """The service on the database of the settings."""
    return ProductsService(Database(settings.common.database_url, settings.database_parameters), orders)


def assemble(
    settings: ProductsSettings,
    service: ProductsService,
    verifier: TokenVerifier,
    closers: Sequence[Closer] = (),
) -> FastAPI:
    """Put a service behind HTTP; `verifier` checks access tokens."""
    check_signature = build_signature_check(settings.common.internal_secret)

    build_context = partial(ProductsContext, service)

    return create_web_app(
        name="products",
        schema=schema,
        database=service.database,
        build_context=of_token(verifier, build_context),
        runners=[service.upkeep.run, verifier.revocations.run],
        live=Live(LiveFeed(service.database), verifier, build_context),
        routers=[
            build_router(service, check_signature),
            build_personal_data_router(People(service.database), check_signature),
        ],
        closers=closers,
    )


async def seed_demo(common: CommonSettings, environ: Mapping[str, str], scope: Scope) -> None:
    """Load the demo catalogue, and in the development profile what the demo people say of it."""
    orders = InternalClient(common.peers["orders"], common.internal_secret)
    service = build_service(read_products_settings(common, environ), orders)
    try:
        await seed(service, scope, has_people=common.profile is Profile.DEVELOPMENT)
    finally:
        await orders.close()
        await service.database.close()
