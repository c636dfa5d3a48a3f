"""Licences and the devices that they are used on."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, column, delete, func, insert, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from subgraphs.common.database import WriteSession
from subgraphs.common.keyset import id_column, select_page, time_column
from subgraphs.common.pagination import CursorValues, PageRequest
from subgraphs.orders.domain import DEVICES_PER_UNIT, Activation, License, LicenseStatus
from subgraphs.orders.models import ActivationRow, LicenseRow, LineRow, OrderRow
from subgraphs.orders.repository import AnySession

_COLUMNS = LicenseRow.__table__.c
_REVOCABLE = (LicenseStatus.ACTIVE, LicenseStatus.SUSPENDED)


async def issue_licenses(session: WriteSession, order_id: UUID) -> None:
    """A licence for each line of an order, where there is none yet."""
    lines = (
        select(
            LineRow.id,
            LineRow.order_id,
            OrderRow.customer_id,
            LineRow.product_id,
            LineRow.quantity * DEVICES_PER_UNIT,
        )
        .join(OrderRow, OrderRow.id == LineRow.order_id)
        .where(LineRow.order_id == order_id)
    )
    names = ["line_id", "order_id", "customer_id", "product_id", "activation_limit"]
    await session.execute(
        postgres_insert(LicenseRow)
        .from_select(names, lines, include_defaults=False)
        .on_conflict_do_nothing(index_elements=[LicenseRow.line_id])
    )


async def revoke_licenses(session: WriteSession, order_id: UUID, reason: str) -> None:
    """Revoke all licences of an order."""
    await session.execute(
        update(LicenseRow)
        .where(LicenseRow.order_id == order_id, LicenseRow.status.in_(_REVOCABLE))
        .values(status=LicenseStatus.REVOKED, revoked_reason=reason)
    )


async def revoke_license(session: WriteSession, license_id: UUID, reason: str | None) -> License | None:
    """Revoke one; None if it cannot be (any more)."""
    statement = (
        update(LicenseRow)
        .where(LicenseRow.id == license_id, LicenseRow.status.in_(_REVOCABLE))
        .values(status=LicenseStatus.REVOKED, revoked_reason=reason)
        .returning(LicenseRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_license(row)


async def find_licenses(session: AnySession, ids: Collection[UUID]) -> list[License]:
    """Those of the licences that exist."""
    statement = select(LicenseRow).where(LicenseRow.id == any_(literal([*ids], ARRAY(Uuid))))
    return [read_license(row) for row in await session.scalars(statement)]


async def list_of_orders(session: AnySession, order_ids: Collection[UUID]) -> list[License]:
    """All licences of the orders."""
    statement = (
        select(LicenseRow)
        .where(LicenseRow.order_id == any_(literal([*order_ids], ARRAY(Uuid))))
        .order_by(LicenseRow.id)
    )
    return [read_license(row) for row in await session.scalars(statement)]


async def find_owned(session: AnySession, customer_id: UUID, product_ids: Collection[UUID]) -> set[UUID]:
    """Those of the products that a customer holds an active licence of."""
    statement = select(LicenseRow.product_id).where(
        LicenseRow.customer_id == customer_id,
        LicenseRow.product_id == any_(literal([*product_ids], ARRAY(Uuid))),
        LicenseRow.status == LicenseStatus.ACTIVE,
    )
    return set(await session.scalars(statement))


async def lock_license(
    session: WriteSession, customer_id: UUID, *, key: str | None = None, license_id: UUID | None = None
) -> License | None:
    """A customer's licence by its key or its id, which nobody else changes until the transaction ends."""
    named = LicenseRow.key == key if key is not None else LicenseRow.id == license_id
    statement = select(LicenseRow).where(named, LicenseRow.customer_id == customer_id).with_for_update()
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_license(row)


async def list_activations(session: AnySession, license_ids: Collection[UUID]) -> list[Activation]:
    """The devices of the licences, oldest first."""
    statement = (
        select(ActivationRow)
        .where(ActivationRow.license_id == any_(literal([*license_ids], ARRAY(Uuid))))
        .order_by(ActivationRow.id)
    )
    return [
        Activation(row.id, row.license_id, row.label, row.created_at)
        for row in await session.scalars(statement)
    ]


async def insert_activation(session: WriteSession, license_id: UUID, label: str) -> None:
    """Note a device."""
    await session.execute(insert(ActivationRow).values(license_id=license_id, label=label))


async def delete_activation(session: WriteSession, license_id: UUID, activation_id: UUID) -> bool:
    """Forget a device; False if there is no such."""
    statement = (
        delete(ActivationRow)
        .where(ActivationRow.id == activation_id, ActivationRow.license_id == license_id)
        .returning(ActivationRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def list_libraries(
    session: AnySession, customer_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, list[License]]:
    """The newest licences of each customer: at most `request.limit`, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    customers = (
        func.unnest(literal([*customer_ids], ARRAY(Uuid)))
        .table_valued(column("id", Uuid), name="customers")
        .render_derived()
    )
    own = select(*_COLUMNS).where(LicenseRow.customer_id == customers.c.id)
    keys = [time_column(LicenseRow.created_at), id_column(LicenseRow.id)]
    lateral = select_page(own, keys, request, descending=True).correlate(customers).lateral("page")
    found: dict[UUID, list[License]] = {customer_id: [] for customer_id in customer_ids}
    for row in await session.execute(select(lateral).join_from(customers, lateral, true())):
        found[row.customer_id].append(read_license(row))
    return found


async def count_libraries(session: AnySession, customer_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many licences each customer has."""
    statement = (
        select(LicenseRow.customer_id, func.count())
        .where(LicenseRow.customer_id.in_(customer_ids))
        .group_by(LicenseRow.customer_id)
    )
    found = dict.fromkeys(customer_ids, 0)
    for customer_id, count in await session.execute(statement):
        found[customer_id] = count
    return found


def build_cursor_values(held: License) -> CursorValues:
    """What a cursor of a library says of a licence."""
    return (held.created_at.isoformat(), str(held.id))


def read_license(row: Any) -> License:
    """The licence in a row, or in anything with its columns."""
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
