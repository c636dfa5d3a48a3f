"""The stage that finds out who calls."""

import time

from router.errors import ErrorCode, refuse
from router.hooks.context import JWT_CLAIMS
from router.kit.json import JsonObject
from router.pipeline.generation import Generation, KeyStore
from router.pipeline.request import Request, RequestContext
from router.policy.authentication import UNAUTHORIZED, AuthenticationError, find_token, verify_token
from router.policy.options import OnTokenError


async def authenticate(request: Request, generation: Generation) -> RequestContext:
    """The request with its caller's claims. No token makes an anonymous caller.

    Raises:
        AuthenticationError: there is a token and it cannot be trusted.
        RefusedError: AUTH_ERROR; an anonymous caller where `require_authentication` is set.
    """
    claims = await identify(request, generation)
    if claims is None and generation.options.authorization.require_authentication:
        raise refuse("unauthenticated", ErrorCode.AUTH_ERROR, status=UNAUTHORIZED)
    if request.context is None:
        return RequestContext(request, claims)
    # What stages find out is what hooks and rules read.
    return RequestContext(request, claims, request.context.entries)


async def identify(request: Request, generation: Generation) -> JsonObject | None:
    """The caller's claims, looked for once: a context that has them, or hooks that have changed them, is believed.

    Raises:
        AuthenticationError: there is a token and it cannot be trusted.
    """
    context = request.context
    if context is None:
        return await _read_claims(request, generation)
    if not context.is_identified:
        context.is_identified = True
        claims = await _read_claims(request, generation)
        if claims is not None:
            context.entries[JWT_CLAIMS] = claims
    found = context.entries.get(JWT_CLAIMS)
    return found if isinstance(found, dict) else None


async def _read_claims(request: Request, generation: Generation) -> JsonObject | None:
    options, keys = generation.options.jwt, generation.keys
    if options is None or keys is None:
        return None
    try:
        token = find_token(request.headers, options)
        return None if token is None else await _verify(token, keys)
    except AuthenticationError:
        if options.on_error is OnTokenError.CONTINUE:
            return None
        raise


async def _verify(token: str, keys: KeyStore) -> JsonObject:
    try:
        return verify_token(token, await keys.get_keys(), now_s=time.time())
    except AuthenticationError as error:
        # The issuer may have begun to sign with a new key since the keys were fetched.
        if not error.is_key_unknown or not await keys.refresh():
            raise
    return verify_token(token, await keys.get_keys(), now_s=time.time())
