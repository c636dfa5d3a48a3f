"""Profiles, and the figures over them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    any_,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from subgraphs.common.database import ReadSession, WriteSession
from subgraphs.common.keyset import KeysetColumn, id_column, select_page, text_column, time_column
from subgraphs.common.pagination import CursorValues, PageRequest
from subgraphs.users.domain import (
    DEFAULT_LOCALE,
    DELETED_NAME,
    AccountCopy,
    Address,
    Interval,
    Profile,
    ProfileChange,
    UserFilter,
    UserOrder,
    UserSortField,
    default_display_name,
)
from subgraphs.users.models import ProfileRow

AnySession = ReadSession | WriteSession

_DELETED = "DELETED"
_PROFILE = (
    ProfileRow.id,
    ProfileRow.full_name,
    ProfileRow.display_name,
    ProfileRow.phone,
    ProfileRow.address,
    ProfileRow.avatar_url,
    ProfileRow.locale,
    ProfileRow.email,
    ProfileRow.role,
    ProfileRow.status,
    ProfileRow.created_at,
    ProfileRow.updated_at,
)

_SORT_KEY: dict[UserSortField, KeysetColumn] = {
    UserSortField.CREATED_AT: time_column(ProfileRow.created_at),
    UserSortField.FULL_NAME: text_column(func.lower(ProfileRow.full_name)),
    UserSortField.EMAIL: text_column(ProfileRow.email),
}


async def find_profiles(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, Profile]:
    """Return those of the profiles that exist, by id."""
    rows = await session.execute(select(*_PROFILE).where(ProfileRow.id == any_(literal([*ids], ARRAY(Uuid)))))
    return {row.id: _profile(row) for row in rows}


async def upsert_copies(session: WriteSession, copies: Sequence[AccountCopy]) -> None:
    """Make the profiles that are missing, and renew in the others what auth owns where the copy is newer."""
    # In one order everywhere: two requests that make the same profiles must not wait for each other.
    values = [_new_profile(copy) for copy in sorted(copies, key=lambda copy: copy.id)]
    statement = insert(ProfileRow).values(values)
    newer = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[ProfileRow.id],
            set_={
                "email": newer.email,
                "email_verified": newer.email_verified,
                "role": newer.role,
                "status": newer.status,
                "account_version": newer.account_version,
            },
            where=ProfileRow.account_version < newer.account_version,
        ),
    )


async def insert_profiles(session: WriteSession, profiles: Sequence[dict[str, object]]) -> None:
    """Store whole profiles as given; one that exists stays as it is."""
    await session.execute(insert(ProfileRow).values([*profiles]).on_conflict_do_nothing())


async def change_profile(session: WriteSession, user_id: UUID, change: ProfileChange) -> Profile | None:
    """Change a living user's profile; None if there is no such user or it is deleted."""
    values = {
        name: asdict(value) if isinstance(value, Address) else value for name, value in change.values.items()
    }
    # The time at which it is this one's turn, and later than the one before, whatever the clock does: auth goes by it.
    later = func.greatest(func.clock_timestamp(), ProfileRow.updated_at + timedelta(microseconds=1))
    statement = (
        update(ProfileRow)
        .where(ProfileRow.id == user_id, ProfileRow.status != _DELETED)
        .values(**values, updated_at=later)
        .returning(*_PROFILE)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _profile(row)


async def lock_living(session: WriteSession, user_id: UUID) -> bool:
    """Whether there is such a user, not deleted; nobody deletes one until the transaction ends."""
    statement = (
        select(ProfileRow.id)
        .where(ProfileRow.id == user_id, ProfileRow.status != _DELETED)
        .with_for_update(read=True)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def scrub_profiles(session: WriteSession, ids: Iterable[UUID]) -> None:
    """Take the person out of profiles for ever. Repeatable."""
    await session.execute(
        update(ProfileRow)
        .where(ProfileRow.id == any_(literal([*ids], ARRAY(Uuid))))
        .values(
            full_name=DELETED_NAME,
            display_name=DELETED_NAME,
            phone=None,
            address=None,
            avatar_url=None,
            locale=DEFAULT_LOCALE,
            email=func.concat("deleted-", ProfileRow.id, "@deleted.invalid"),
            email_verified=False,
            status=_DELETED,
            updated_at=func.now(),
        ),
    )


async def list_profiles(
    session: ReadSession,
    wanted: UserFilter,
    order: Sequence[UserOrder],
    request: PageRequest,
) -> list[tuple[Profile, CursorValues]]:
    """Return the profiles of one page with their cursors' values, nearest first, one more than the page holds.

    Raises:
        BadUserInputError: a cursor is not one of this order.
    """
    # The id runs as the column before it does, so that a sort by one column is one comparison of rows.
    keys = [
        *(replace(_SORT_KEY[one.field], descending=one.is_descending) for one in order),
        id_column(ProfileRow.id, descending=order[-1].is_descending),
    ]
    columns: list[Any] = [key.expression.label(f"key_{position}") for position, key in enumerate(keys)]
    profiles: Select[Any] = select(*[*_PROFILE, *columns]).where(*_conditions(wanted))
    statement = select_page(profiles, keys, request)
    rows = await session.execute(statement)
    return [(_profile(row), tuple(getattr(row, column.name) for column in columns)) for row in rows]


async def list_ids(session: ReadSession, after: UUID | None, limit: int) -> list[UUID]:
    """Return ids in their order, from after the one given."""
    statement = select(ProfileRow.id).order_by(ProfileRow.id).limit(limit)
    if after is not None:
        statement = statement.where(ProfileRow.id > after)
    return [*await session.scalars(statement)]


async def count_profiles(session: ReadSession, wanted: UserFilter) -> int:
    """Count the profiles of a filter."""
    statement = select(func.count()).select_from(ProfileRow).where(*_conditions(wanted))
    return (await session.execute(statement)).scalar_one()


async def count_users(session: AnySession) -> tuple[int, int]:
    """Count the living users, and those of them whose e-mail is verified."""
    statement = select(
        func.count(),
        func.count().filter(ProfileRow.email_verified),
    ).where(ProfileRow.status != _DELETED)
    total, verified = (await session.execute(statement)).one()
    return total, verified


async def count_by_role(session: AnySession) -> list[tuple[str, int]]:
    """Count the living users of each role that has any, by name of the role."""
    statement = (
        select(ProfileRow.role, func.count())
        .where(ProfileRow.status != _DELETED)
        .group_by(ProfileRow.role)
        .order_by(ProfileRow.role)
    )
    return [(role, count) for role, count in await session.execute(statement)]


async def count_registrations(
    session: AnySession,
    interval: Interval,
    start: datetime,
    end: datetime,
) -> list[tuple[datetime, int]]:
    """Count registrations in `[start, end)` for each interval of UTC, the empty ones too, oldest first."""
    unit = interval.value.lower()
    statement = text(
        """
        SELECT point, count(profiles.id)
        FROM generate_series(date_trunc(:unit, CAST(:start AS timestamptz), 'UTC'),
                             CAST(:end AS timestamptz) - interval '1 microsecond',
                             CAST('1 ' || :unit AS interval), 'UTC') AS point
        LEFT JOIN profiles
          ON created_at >= greatest(point, CAST(:start AS timestamptz))
         AND created_at < least(date_add(point, CAST('1 ' || :unit AS interval), 'UTC'),
                                CAST(:end AS timestamptz))
        GROUP BY point ORDER BY point
        """,
    )
    rows = await session.execute(statement, {"unit": unit, "start": start, "end": end})
    return [(point, count) for point, count in rows]


def _profile(row: Any) -> Profile:
    values = {column.key: getattr(row, column.key) for column in _PROFILE}
    address = values.pop("address")
    return Profile(**values, address=None if address is None else Address(**address))


def _conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.search:
        pattern = f"%{_escape(wanted.search)}%"
        conditions.append(or_(ProfileRow.full_name.ilike(pattern), ProfileRow.email.ilike(pattern)))
    if wanted.role is not None:
        conditions.append(ProfileRow.role == wanted.role)
    if wanted.created_from is not None:
        conditions.append(ProfileRow.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        conditions.append(ProfileRow.created_at < wanted.created_to)
    if not wanted.include_deleted:
        conditions.append(ProfileRow.status != _DELETED)
    return conditions


def _escape(search: str) -> str:
    return search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _new_profile(copy: AccountCopy) -> dict[str, object]:
    display_name = DELETED_NAME if copy.is_deleted else default_display_name(copy.full_name)
    return {
        "id": copy.id,
        "full_name": copy.full_name,
        "display_name": display_name,
        "email": copy.email,
        "email_verified": copy.email_verified,
        "role": copy.role,
        "status": copy.status,
        "account_version": copy.version,
        "created_at": copy.created_at,
    }
