"""Assembly: the service, the GraphQL schema and the internal route in one application."""

from collections.abc import Mapping, Sequence
from functools import partial

from fastapi import FastAPI

from subgraphs.common.auth import TokenVerifier
from subgraphs.common.database import Database
from subgraphs.common.demo.scope import Scope
from subgraphs.common.internal import InternalClient, build_signature_check
from subgraphs.common.jwks import build_verifier
from subgraphs.common.settings import CommonSettings, Profile
from subgraphs.common.web import Closer, of_token
from subgraphs.common.web import create_app as create_web_app
from subgraphs.users.domain import ERASURE_STEPS
from subgraphs.users.internal import build_export_router, build_router
from subgraphs.users.schema import schema
from subgraphs.users.schema.context import UsersContext
from subgraphs.users.seed import seed
from subgraphs.users.service import UsersService, build_service
from subgraphs.users.settings import read_users_settings

QUEUES = {
    "erasures": "SELECT count(*) FROM erasure_requests WHERE status IN ('SCHEDULED', 'RUNNING')",
    "exports": "SELECT count(*) FROM data_exports WHERE content IS NULL",
}
"""How much waits to be done, or to be paid."""


def create_app(common: CommonSettings, environ: Mapping[str, str]) -> FastAPI:
    """Build users as it runs in production.

    Raises:
        SettingsError: users' own settings cannot be used.
    """
    settings = read_users_settings(common, environ)
    peers = _build_peers(common)
    verifier = build_verifier(common, peers["auth"])
    service = build_service(settings, Database(common.database_url), peers)
    return assemble(common, service, verifier, closers=[peer.close for peer in peers.values()])


def assemble(
    common: CommonSettings,
    service: UsersService,
    verifier: TokenVerifier,
    closers: Sequence[Closer] = (),
) -> FastAPI:
    """Put a service behind HTTP."""
    return create_web_app(
        name="users",
        schema=schema,
        database=service.database,
        build_context=of_token(verifier, partial(UsersContext, service)),
        queues=QUEUES,
        routers=[
            build_router(service, build_signature_check(common.internal_secret)),
            build_export_router(service),
        ],
        runners=[service.upkeep.run, verifier.revocations.run],
        closers=closers,
    )


async def seed_demo(common: CommonSettings, environ: Mapping[str, str], scope: Scope) -> None:
    """Store the profiles of the demo people; in another profile than development there are none."""
    if common.profile is not Profile.DEVELOPMENT:
        return
    database = Database(common.database_url)
    try:
        settings = read_users_settings(common, environ)
        peers = _build_peers(common)
        try:
            await seed(build_service(settings, database, peers), scope)
        finally:
            for peer in peers.values():
                await peer.close()
    finally:
        await database.close()


def _build_peers(common: CommonSettings) -> dict[str, InternalClient]:
    """The ways to every service that knows something of people, but this one."""
    return {
        name: InternalClient(common.peers[name], common.internal_secret)
        for name in ERASURE_STEPS
        if name != common.name
    }
