"""Payments' subscriptions."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from uuid import UUID

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_user
from subgraphs.common.changes import Watch
from subgraphs.common.errors import NothingThereError
from subgraphs.common.graphql_types import parse_id
from subgraphs.payments import domain
from subgraphs.payments.schema.context import PaymentsInfo
from subgraphs.payments.schema.types import Payment


async def follow_payment(
    info: PaymentsInfo,
    payment_id: strawberry.ID,
    last_event_id: strawberry.ID | None = UNSET,
    since: dt.datetime | None = UNSET,
) -> AsyncGenerator[Payment, None]:
    """A payment that the caller may see, whenever its status has changed, as it is then."""
    require_user(info.context.principal)
    key = parse_id(payment_id)
    await _get_visible(info, key)
    assert key is not None, "there is a payment with it"
    watch = Watch(subjects=frozenset({key}))
    async with aclosing(info.context.follow(watch, last_event_id or None, since or None)) as changes:
        async for _ in changes:
            yield Payment.of(await info.context.find_again(partial(_get_visible, info, key)))


async def _get_visible(info: PaymentsInfo, payment_id: UUID | None) -> domain.Payment:
    found = await info.context.loaders.payments.load(payment_id) if payment_id is not None else None
    if found is None or not info.context.may_see(found):
        raise NothingThereError("There is no such payment.")
    return found


@strawberry.type
class Subscription:
    """What becomes of payments."""

    payment_status_changed = federation.field(
        resolver=follow_payment,
        is_subscription=True,
        authenticated=True,
        description="Tells what has changed after the event lastEventId (`extensions.eventId` of what came last), or "
        "after the time since (the payment's updatedAt), else from now on.",
    )
