"""Payments with their past, many at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from subgraphs.common.bulk import copy_rows, find_stored, update_rows
from subgraphs.common.database import WriteSession
from subgraphs.payments.models import Base, PaymentRow

Rows = Sequence[Mapping[str, Any]]


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


async def find_references(session: WriteSession, references: Collection[str]) -> set[str]:
    """Those of the references that payments have."""
    return await find_stored(session, PaymentRow.reference, references)


async def insert_payments(session: WriteSession, rows: Rows) -> None:
    """Store pending payments."""
    await copy_rows(session, _table("payments"), rows)


async def insert_rest(session: WriteSession, table: str, rows: Rows) -> None:
    """Store rows of payment_events, payment_attempts, refunds or ledger_entries; a payment's in their sequence."""
    await copy_rows(session, _table(table), rows)


async def move_payments(session: WriteSession, rows: Rows) -> None:
    """Give each payment its row's columns."""
    await update_rows(session, _table("payments"), rows)
