"""Assembly: the service, the GraphQL schema, the internal routes and the published keys in one application."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from subgraphs.auth.domain import Client
from subgraphs.auth.internal import build_router, build_token_router
from subgraphs.auth.schema import schema
from subgraphs.auth.schema.context import AuthContext
from subgraphs.auth.seed import seed
from subgraphs.auth.service import AuthService, build_service
from subgraphs.auth.service.wire import Announcer
from subgraphs.auth.settings import AuthSettings, read_auth_settings
from subgraphs.common.auth import TokenVerifier
from subgraphs.common.database import Database
from subgraphs.common.demo.scope import Scope
from subgraphs.common.internal import InternalClient, JsonObject, build_signature_check
from subgraphs.common.revocation import Revocations
from subgraphs.common.settings import CommonSettings
from subgraphs.common.web import Closer
from subgraphs.common.web import create_app as create_web_app

QUEUES = {
    "mails": "SELECT count(*) FROM mails",
}
"""How much waits to be done, or to be paid."""


def create_app(common: CommonSettings, environ: Mapping[str, str]) -> FastAPI:
    """Build auth as it runs in production.

    Raises:
        SettingsError: auth's own settings or its keys cannot be used.
    """
    settings = read_auth_settings(common, environ)
    users = InternalClient(common.peers["users"], common.internal_secret)
    service = build_service(settings, Database(common.database_url), Announcer(users))
    return assemble(settings, service, closers=[users.close])


def assemble(settings: AuthSettings, service: AuthService, closers: Sequence[Closer] = ()) -> FastAPI:
    """Put a service behind HTTP."""

    async def own_keys() -> JsonObject:
        return dict(service.keys.as_jwks())

    common = settings.common
    revocations = Revocations(service.read_revocations)
    verifier = TokenVerifier(own_keys, common.jwt_issuer, common.jwt_audience, revocations)
    check_signature = build_signature_check(common.internal_secret)

    async def build_context(request: Request) -> AuthContext:
        principal = await verifier.verify(request.headers.get("authorization"))
        return AuthContext(service, principal, read_client(request, settings.trusted_proxies))

    return create_web_app(
        name="auth",
        schema=schema,
        database=service.database,
        build_context=build_context,
        queues=QUEUES,
        routers=[
            build_router(service, check_signature),
            build_token_router(service, check_signature),
            build_key_router(service),
        ],
        runners=[service.outbox.run, revocations.run],
        closers=[*closers, service.close],
    )


def read_client(request: Request, trusted_proxies: frozenset[str]) -> Client:
    """Tell from where a request came.

    The last address of X-Forwarded-For is the one that the nearest proxy saw; all before it anybody can make up. A
    trusted proxy (`*`: everybody) that says nothing leaves the address unknown, since it would stand for all.
    """
    text = request.client.host if request.client else ""
    if text in trusted_proxies or "*" in trusted_proxies:
        text = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return Client(read_address(text), request.headers.get("user-agent"), request.headers.get("x-request-id"))


def read_address(text: str) -> str | None:
    """Return the usual spelling of a network address, without a zone; None if the text is none.

    One of IPv4 that a socket for both tells as one of IPv6 is itself: all of them are in one network of IPv6.
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str((isinstance(address, IPv6Address) and address.ipv4_mapped) or address)


def build_key_router(service: AuthService) -> APIRouter:
    """Give the route at which anybody reads the public keys (RFC 7517, 5)."""
    router = APIRouter()

    @router.get("/.well-known/jwks.json")
    async def read_keys() -> JSONResponse:
        """Return the JWK set."""
        return JSONResponse(service.keys.as_jwks(), headers={"cache-control": "public, max-age=60"})

    return router


async def seed_demo(common: CommonSettings, environ: Mapping[str, str], scope: Scope) -> None:
    """Store the demo people; in another profile than development there are none: everybody knows their passwords."""
    settings = read_auth_settings(common, environ)
    if not settings.is_development:
        return

    async def tell_nobody(_account: object) -> None:
        return None

    service = build_service(settings, Database(common.database_url), tell_nobody)
    try:
        await seed(service, scope)
    finally:
        await service.close()
