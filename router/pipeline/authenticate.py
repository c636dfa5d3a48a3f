"""The stage that finds out who calls."""

import time

from router.errors import ErrorCode, refuse
from router.hooks.context import JWT_CLAIMS
from router.kit.json import JsonObject
from router.pipeline.generation import Generation, KeyStore
from router.pipeline.request import Request, RequestContext
from router.pipeline.tokens import TokenCache
from router.policy.authentication import UNAUTHORIZED, AuthenticationError, find_token
from router.policy.options import OnTokenError, TokenSource
from router.telemetry.operations import JWT

STATUS = "apollo::authentication::jwt_status"
"""Apollo Router's context key for whose token it was, and what was wrong with it."""


async def authenticate(request: Request, generation: Generation) -> RequestContext:
    """The request with its caller's claims. No token makes an anonymous caller.

    Raises:
        AuthenticationError: there is a token and it cannot be trusted.
        RefusedError: AUTH_ERROR; an anonymous caller where `require_authentication` is set.
    """
    entries: JsonObject = {}
    if request.context is not None:
        entries = request.context.entries
        claims = await identify(request, generation)
    elif (claims := await _read_claims(request, generation, entries)) is not None:
        entries[JWT_CLAIMS] = claims
    if claims is None and generation.options.authorization.require_authentication:
        raise refuse("unauthenticated", ErrorCode.AUTH_ERROR, status=UNAUTHORIZED)
    # What stages find out is what hooks and rules read.
    return RequestContext(request, claims, entries)


async def identify(request: Request, generation: Generation) -> JsonObject | None:
    """The caller's claims, looked for once: a context that has them, or hooks that have changed them, is believed.

    Raises:
        AuthenticationError: there is a token and it cannot be trusted.
    """
    context = request.context
    if context is None:
        return await _read_claims(request, generation, {})
    if not context.is_identified:
        context.is_identified = True
        claims = await _read_claims(request, generation, context.entries)
        if claims is not None:
            context.entries[JWT_CLAIMS] = claims
    found = context.entries.get(JWT_CLAIMS)
    return found if isinstance(found, dict) else None


async def _read_claims(request: Request, generation: Generation, entries: JsonObject) -> JsonObject | None:
    options, keys = generation.options.jwt, generation.keys
    if options is None or keys is None:
        return None
    source: TokenSource | None = None
    try:
        found = find_token(request.headers, options)
        if found is None:
            return None
        token, source = found
        claims = await _verify(token, keys, generation.caches.tokens)
    except AuthenticationError as error:
        entries[STATUS] = {**_describe(error.source or source), "error": _describe_error(error)}
        generation.counted(JWT, (True,))
        if options.on_error is OnTokenError.CONTINUE:
            return None
        raise
    entries[STATUS] = _describe(source)
    generation.counted(JWT, (False,))
    return claims


def _describe(source: TokenSource | None) -> JsonObject:
    return {} if source is None else {"type": "cookie" if source.is_cookie else "header", "name": source.name}


def _describe_error(error: AuthenticationError) -> JsonObject:
    described: JsonObject = {"message": str(error), "code": error.kind}
    return described if error.reason is None else {**described, "reason": error.reason}


async def _verify(token: str, keys: KeyStore, kept: TokenCache) -> JsonObject:
    known, now_s = await keys.get_keys(), time.time()
    claims = kept.find(token, known, now_s=now_s)
    if claims is not None:
        return claims
    # Cryptography is for those who have keys.
    from router.policy.signatures import verify_token  # noqa: PLC0415

    try:
        claims = verify_token(token, known, now_s=now_s)
    except AuthenticationError as error:
        # The issuer may have begun to sign with a new key since the keys were fetched.
        if not error.is_key_unknown or not await keys.refresh():
            raise
        known = await keys.get_keys()
        claims = verify_token(token, known, now_s=time.time())
    kept.put(token, known, claims)
    return claims
