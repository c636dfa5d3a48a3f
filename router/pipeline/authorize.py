"""The stage that takes out what the caller may not see."""

import asyncio
import logging
from collections.abc import Awaitable

from graphql import GraphQLSchema

from router.errors import ErrorCode, ResponseError
from router.hooks.guests import wait_for_guest
from router.kit.json import JsonObject
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.caches import is_kept
from router.pipeline.generation import Claims, Generation, PolicyFunction
from router.pipeline.request import RequestContext
from router.pipeline.validate import ValidOperation
from router.policy.authentication import read_scopes
from router.policy.authorization import (
    AccessDecision,
    AccessDemand,
    Authorization,
    authorize,
    collect_demand,
)
from router.policy.visible_schema import build_visible_schema, collect_whole_demand
from router.telemetry.operations import AUTHORIZATION

logger = logging.getLogger(__name__)

AUTHENTICATION_REQUIRED = "apollo::authorization::authentication_required"
REQUIRED_SCOPES = "apollo::authorization::required_scopes"
REQUIRED_POLICIES = "apollo::authorization::required_policies"
"""Apollo Router's context keys; a policy that an earlier stage has decided there is not asked again."""

UNAUTHORIZED_MESSAGE = "Unauthorized field or type"


async def authorize_operation(
    operation: ValidOperation, context: RequestContext, generation: Generation
) -> AuthorizedOperation:
    """Decide what the operation asks for, and filter it accordingly."""
    free = generation.caches.free.find(operation.key)
    if free is not None:
        return free
    demand = find_demand(operation, generation)
    if demand.is_empty:
        key = (operation.key, AccessDecision())
        free = AuthorizedOperation(operation, operation.document, key, is_free=True)
        if is_kept(operation.key):
            generation.caches.free.put(operation.key, free)
        return free
    authorized = apply_decision(operation, await decide(demand, context, generation), generation)
    count_authorized(demand, generation, is_filtered=bool(authorized.errors))
    return authorized


def count_authorized(demand: AccessDemand, generation: Generation, *, is_filtered: bool) -> None:
    """Count an operation that not everybody may see all of."""
    generation.counted(AUTHORIZATION, (is_filtered, demand.authenticated, bool(demand.scopes)))


def decide(
    demand: AccessDemand, context: RequestContext, generation: Generation
) -> Awaitable[AccessDecision]:
    """What the caller brings of what an operation asks for, which is told in the context."""
    _note(demand, context.entries)
    return _decide(demand, context, generation)


def note_demand(demand: AccessDemand, entries: JsonObject) -> None:
    """Tell hooks what an operation asks of its caller: they may decide on policies, which are null until somebody has."""
    _note(demand, entries)
    if demand.policies:
        entries[REQUIRED_POLICIES] = {**dict.fromkeys(sorted(demand.policies)), **_get_decided(entries)}


def _note(demand: AccessDemand, entries: JsonObject) -> None:
    if demand.authenticated:
        entries[AUTHENTICATION_REQUIRED] = True
    if demand.scopes:
        entries[REQUIRED_SCOPES] = sorted(demand.scopes)


def _get_decided(entries: JsonObject) -> dict[str, bool | None]:
    """What was decided once for a request, which holds to its end."""
    decided = entries.get(REQUIRED_POLICIES)
    if not isinstance(decided, dict):
        decided = entries[REQUIRED_POLICIES] = {}
    return decided


def apply_decision(
    operation: ValidOperation, decision: AccessDecision, generation: Generation
) -> AuthorizedOperation:
    """Filter an operation by what was decided on its demand."""
    options = generation.options.authorization
    document = operation.document
    key = (operation.key, decision)
    authorization = _filter(operation, decision, generation)
    errors = tuple(
        ResponseError(
            UNAUTHORIZED_MESSAGE, path=path, extensions={"code": ErrorCode.UNAUTHORIZED_FIELD_OR_TYPE}
        )
        for path in authorization.unauthorized
    )
    if errors and options.is_logged:
        paths = ["/".join(map(str, path)) for path in authorization.unauthorized]
        logger.info("unauthorized fields or types: %s", ", ".join(paths))
    if options.is_dry_run:
        return AuthorizedOperation(operation, document, (operation.key, AccessDecision()), errors)
    if errors and options.is_unauthorized_rejected:
        return AuthorizedOperation(operation, None, key, errors)
    return AuthorizedOperation(operation, authorization.document, key, errors)


def find_demand(operation: ValidOperation, generation: Generation) -> AccessDemand:
    """What an operation asks of its caller: nothing where nothing is enforced."""
    if not generation.options.authorization.is_enabled:
        return AccessDemand()
    cache = generation.caches.demands
    demand = cache.find(operation.key)
    if demand is None:
        schema, access = generation.api_schema, generation.access
        demand = collect_demand(schema, access, operation.document, operation.node)
        if is_kept(operation.key):
            cache.put(operation.key, demand)
    return demand


def _filter(operation: ValidOperation, decision: AccessDecision, generation: Generation) -> Authorization:
    cache, key = generation.caches.authorizations, (operation.key, decision)
    authorization = cache.find(key)
    if authorization is None:
        schema, access = generation.api_schema, generation.access
        authorization = authorize(schema, access, operation.document, operation.node, decision)
        if is_kept(operation.key):
            cache.put(key, authorization)
    return authorization


async def find_visible_schema(context: RequestContext, generation: Generation) -> GraphQLSchema:
    """What introspection shows to this caller, made once for all who may see the same."""
    schema, access = generation.api_schema, generation.access
    if not generation.options.authorization.is_enabled:
        return schema
    decision = await _decide(collect_whole_demand(access), context, generation)
    visible = generation.caches.visible_schemas.find(decision)
    if visible is None:
        visible = await asyncio.to_thread(build_visible_schema, schema, access, decision)
        generation.caches.visible_schemas.put(decision, visible)
    return visible


async def _decide(demand: AccessDemand, context: RequestContext, generation: Generation) -> AccessDecision:
    claims = context.claims or {}
    decided = _get_decided(context.entries)
    names = [name for name in demand.policies if decided.get(name) is None]
    if len(names) == 1:
        # A task for it would cost more than most policies.
        decided[names[0]] = await _ask_policy(names[0], generation.policies.get(names[0]), claims)
    elif names:
        names.sort()
        asked = (_ask_policy(name, generation.policies.get(name), claims) for name in names)
        decided.update(zip(names, await asyncio.gather(*asked), strict=True))
    return demand.decide(
        authenticated=context.claims is not None,
        scopes=read_scopes(claims, generation.options.authorization.scopes_claim),
        policies=frozenset([name for name in demand.policies if decided[name] is True]),
    )


async def _ask_policy(name: str, function: PolicyFunction | None, claims: Claims) -> bool:
    """Ask one policy; one that is missing or fails is a no."""
    if function is None:
        return False
    try:
        return await wait_for_guest(function(claims)) is True
    except Exception:
        logger.exception("policy %s failed and counts as a no", name)
        return False
