"""Licences and the places where they are used."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from subgraphs.common.database import WriteSession
from subgraphs.common.keyset import id_column, select_page, time_column
from subgraphs.common.owners import read_counts, read_pages
from subgraphs.common.pagination import PageRequest
from subgraphs.orders.domain import Activation, License, LicenseStatus, Line, Order
from subgraphs.orders.models import ActivationRow, LicenseRow
from subgraphs.orders.repository import AnySession


async def issue_licenses(
    session: WriteSession, order: Order, lines: Collection[Line], keys: Mapping[UUID, str]
) -> None:
    """Issue a licence for each line, with the line's key; a line that has one keeps it."""
    rows = [
        {
            "line_id": line.id,
            "order_id": order.id,
            "customer_id": order.customer_id,
            "product_id": line.product_id,
            "key": keys[line.id],
            "activation_limit": line.quantity,
        }
        for line in lines
    ]
    await session.execute(
        postgres_insert(LicenseRow).values(rows).on_conflict_do_nothing(index_elements=["line_id"])
    )


async def revoke_licenses(session: WriteSession, owner: Any, key: UUID) -> list[UUID]:
    """End the licences whose `owner` (the column of their id, or their order) is `key`; gives the ids of those that were not."""
    statement = (
        update(LicenseRow)
        .where(owner == key, LicenseRow.status.in_([LicenseStatus.ACTIVE, LicenseStatus.SUSPENDED]))
        .values(status=LicenseStatus.REVOKED)
        .returning(LicenseRow.id)
    )
    return [*await session.scalars(statement)]


async def find_licenses(session: AnySession, ids: Collection[UUID]) -> list[License]:
    """Those of the licences that exist."""
    statement = select(LicenseRow).where(LicenseRow.id == any_(literal([*ids], ARRAY(Uuid))))
    return [read_license(row) for row in await session.scalars(statement)]


async def list_of_orders(session: AnySession, order_ids: Collection[UUID]) -> list[License]:
    """The licences of the orders."""
    statement = (
        select(LicenseRow)
        .where(LicenseRow.order_id == any_(literal([*order_ids], ARRAY(Uuid))))
        .order_by(LicenseRow.id)
    )
    return [read_license(row) for row in await session.scalars(statement)]


async def list_libraries(
    session: AnySession, customer_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, list[License]]:
    """The licences of each customer, newest first: at most `request.limit`, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    keys = [time_column(LicenseRow.created_at), id_column(LicenseRow.id)]
    page = select_page(select(*LicenseRow.__table__.c), keys, request, descending=True)
    return await read_pages(session, LicenseRow.customer_id, customer_ids, page, read_license)


async def count_libraries(session: AnySession, customer_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many licences each customer has; 0 for one who has none."""
    statement = (
        select(LicenseRow.customer_id, func.count())
        .where(LicenseRow.customer_id == any_(literal([*customer_ids], ARRAY(Uuid))))
        .group_by(LicenseRow.customer_id)
    )
    return await read_counts(session, customer_ids, statement)


async def list_owned(
    session: AnySession, customer_id: UUID, product_ids: Collection[UUID], now: datetime
) -> set[UUID]:
    """Those of the products that the customer holds an active licence of."""
    statement = select(LicenseRow.product_id).where(
        LicenseRow.customer_id == customer_id,
        LicenseRow.product_id == any_(literal([*product_ids], ARRAY(Uuid))),
        LicenseRow.status == LicenseStatus.ACTIVE,
        (LicenseRow.expires_at.is_(None)) | (LicenseRow.expires_at > now),
    )
    return {*await session.scalars(statement)}


async def list_activations(session: AnySession, license_ids: Collection[UUID]) -> list[Activation]:
    """Where the licences are used, oldest first."""
    statement = (
        select(ActivationRow)
        .where(ActivationRow.license_id == any_(literal([*license_ids], ARRAY(Uuid))))
        .order_by(ActivationRow.id)
    )
    return [
        Activation(row.id, row.license_id, row.label, row.created_at)
        for row in await session.scalars(statement)
    ]


async def lock_license(session: WriteSession, customer_id: UUID, key: str) -> License | None:
    """The customer's licence with the key; nobody else uses or ends it until this transaction ends."""
    statement = (
        select(LicenseRow)
        .where(LicenseRow.key == key, LicenseRow.customer_id == customer_id)
        .with_for_update()
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_license(row)


async def has_activation(session: WriteSession, license_id: UUID, label: str) -> bool:
    """Whether a licence is used in a place of this name."""
    used = exists().where(ActivationRow.license_id == license_id, ActivationRow.label == label)
    return (await session.execute(select(used))).scalar_one()


async def take_seat(session: WriteSession, license_id: UUID) -> bool:
    """Count one more use of a licence; False if it has no more."""
    statement = (
        update(LicenseRow)
        .where(LicenseRow.id == license_id, LicenseRow.activation_count < LicenseRow.activation_limit)
        .values(activation_count=LicenseRow.activation_count + 1)
        .returning(LicenseRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def insert_activation(session: WriteSession, license_id: UUID, label: str) -> None:
    """Store a use whose seat was taken."""
    await session.execute(insert(ActivationRow).values(license_id=license_id, label=label))


async def delete_activation(session: WriteSession, license_id: UUID, activation_id: UUID) -> bool:
    """End a use; False if there is no such one."""
    statement = (
        delete(ActivationRow)
        .where(ActivationRow.id == activation_id, ActivationRow.license_id == license_id)
        .returning(ActivationRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def free_seat(session: WriteSession, license_id: UUID) -> None:
    """Count one use less."""
    await session.execute(
        update(LicenseRow)
        .where(LicenseRow.id == license_id)
        .values(activation_count=LicenseRow.activation_count - 1)
    )


def read_license(row: LicenseRow | Row[Any]) -> License:
    """The licence in a row."""
    return License(
        id=row.id,
        order_id=row.order_id,
        customer_id=row.customer_id,
        product_id=row.product_id,
        key=row.key,
        status=LicenseStatus(row.status),
        activation_limit=row.activation_limit,
        expires_at=row.expires_at,
        created_at=row.created_at,
    )
