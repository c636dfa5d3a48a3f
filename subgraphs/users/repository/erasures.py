"""Erasures and their proof."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from subgraphs.common.database import ReadSession, WriteSession
from subgraphs.users.domain import ERASURE_STEPS, ErasureRequest, ErasureStatus, ErasureStep
from subgraphs.users.models import ErasureRequestRow, ErasureStepRow

AnySession = ReadSession | WriteSession

_OPEN = (ErasureStatus.SCHEDULED, ErasureStatus.RUNNING)


async def open_erasure(
    session: WriteSession, user_id: UUID, requested_by: UUID, reason: str | None, next_try_at: datetime
) -> UUID:
    """Start or take up again the erasure of a user and return its id; a completed one stays as it is."""
    new = insert(ErasureRequestRow).values(
        user_id=user_id,
        requested_by=requested_by,
        reason=reason,
        status=ErasureStatus.RUNNING,
        next_try_at=next_try_at,
    )
    completed = ErasureStatus.COMPLETED.value
    statement = new.on_conflict_do_update(
        index_elements=[ErasureRequestRow.user_id],
        set_={
            "status": case(
                (ErasureRequestRow.status == completed, completed), else_=ErasureStatus.RUNNING.value
            ),
            "next_try_at": next_try_at,
        },
    ).returning(ErasureRequestRow.id)
    found: UUID = (await session.execute(statement)).scalar_one()
    return found


async def schedule_erasure(session: WriteSession, user_id: UUID, due_at: datetime) -> None:
    """Schedule the erasure that a user asked for; one that is under way or done stays as it is."""
    new = insert(ErasureRequestRow).values(
        user_id=user_id, requested_by=user_id, status=ErasureStatus.SCHEDULED, next_try_at=due_at
    )
    await session.execute(
        new.on_conflict_do_update(
            index_elements=[ErasureRequestRow.user_id],
            set_={
                "status": ErasureStatus.SCHEDULED.value,
                "requested_by": user_id,
                "requested_at": func.now(),
                "next_try_at": due_at,
                "attempts": 0,
            },
            where=ErasureRequestRow.status.in_([ErasureStatus.CANCELLED, ErasureStatus.FAILED]),
        ),
    )


async def cancel_erasure(session: WriteSession, user_id: UUID) -> bool:
    """Call a scheduled erasure off; False if there is none, or it has begun."""
    statement = (
        update(ErasureRequestRow)
        .where(ErasureRequestRow.user_id == user_id, ErasureRequestRow.status == ErasureStatus.SCHEDULED)
        .values(status=ErasureStatus.CANCELLED)
        .returning(ErasureRequestRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def take_due_erasure(session: WriteSession, now: datetime, until: datetime) -> Any | None:
    """Take one erasure that is due, for oneself until a time, and return its id, user_id and attempts."""
    due = (
        select(ErasureRequestRow.id)
        .where(ErasureRequestRow.status.in_(_OPEN), ErasureRequestRow.next_try_at <= now)
        .order_by(ErasureRequestRow.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(ErasureRequestRow)
        .where(ErasureRequestRow.id == due)
        .values(status=ErasureStatus.RUNNING, next_try_at=until, attempts=ErasureRequestRow.attempts + 1)
        .returning(ErasureRequestRow.id, ErasureRequestRow.user_id, ErasureRequestRow.attempts)
    )
    return (await session.execute(statement)).one_or_none()


async def postpone_erasure(session: WriteSession, request_id: UUID, next_try_at: datetime) -> None:
    """Go on with an erasure later."""
    await session.execute(
        update(ErasureRequestRow)
        .where(ErasureRequestRow.id == request_id, ErasureRequestRow.status == ErasureStatus.RUNNING)
        .values(next_try_at=next_try_at),
    )


async def lock_erasure(session: WriteSession, request_id: UUID) -> None:
    """Keep others from this erasure until the transaction ends."""
    await session.execute(
        select(ErasureRequestRow.id).where(ErasureRequestRow.id == request_id).with_for_update(),
    )


async def insert_erasure_steps(session: WriteSession, request_id: UUID) -> None:
    """Store the steps of an erasure, none of them done; those there are stay."""
    steps = [
        {"request_id": request_id, "position": position, "service": service}
        for position, service in enumerate(ERASURE_STEPS)
    ]
    await session.execute(insert(ErasureStepRow).values(steps).on_conflict_do_nothing())


async def finish_erasure_step(session: WriteSession, request_id: UUID, service: str) -> None:
    """Note that a service has forgotten the person; the first time counts."""
    await session.execute(
        update(ErasureStepRow)
        .where(
            ErasureStepRow.request_id == request_id,
            ErasureStepRow.service == service,
            ErasureStepRow.done_at.is_(None),
        )
        .values(done_at=func.now()),
    )


async def list_open_steps(session: AnySession, request_id: UUID) -> list[str]:
    """Return the services that have still to forget, in their order."""
    statement = (
        select(ErasureStepRow.service)
        .where(ErasureStepRow.request_id == request_id, ErasureStepRow.done_at.is_(None))
        .order_by(ErasureStepRow.position, ErasureStepRow.service)
    )
    return [*await session.scalars(statement)]


async def set_erasure_status(session: WriteSession, request_id: UUID, status: ErasureStatus) -> None:
    """Move an erasure that is not completed to another status."""
    await session.execute(
        update(ErasureRequestRow)
        .where(ErasureRequestRow.id == request_id, ErasureRequestRow.status != ErasureStatus.COMPLETED)
        .values(status=status, completed_at=func.now() if status is ErasureStatus.COMPLETED else None),
    )


async def find_erasure(session: AnySession, user_id: UUID) -> ErasureRequest | None:
    """Return the erasure of a user with its steps in their order; None if there never was one."""
    statement = (
        select(ErasureRequestRow, ErasureStepRow)
        .outerjoin(ErasureStepRow, ErasureStepRow.request_id == ErasureRequestRow.id)
        .where(ErasureRequestRow.user_id == user_id)
        .order_by(ErasureStepRow.position, ErasureStepRow.service)
    )
    rows = (await session.execute(statement)).all()
    if not rows:
        return None
    request: ErasureRequestRow = rows[0][0]
    return ErasureRequest(
        id=request.id,
        user_id=request.user_id,
        status=ErasureStatus(request.status),
        requested_at=request.requested_at,
        completed_at=request.completed_at,
        steps=tuple(ErasureStep(step.service, step.done_at) for _, step in rows if step is not None),
    )
