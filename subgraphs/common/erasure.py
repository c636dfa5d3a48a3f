"""Who is forgotten: a service notes it before it forgets, and nothing is written in that name any more.

An access token outlives its account by a second or two (decision 0061), and a request may have begun before. So whoever writes takes
the customer's lock with what is written, until the transaction ends, and looks after that; whoever notes that a customer is
forgotten takes it too. What did not see the note is there for the erasure to see.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Table, Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.common.database import WriteSession
from subgraphs.common.errors import ForbiddenError


def lock_customer(customer_id: UUID) -> ColumnElement[Any]:
    """The lock of a customer, until the transaction ends: those who write in that name, or forget it, take turns."""
    return func.pg_advisory_xact_lock(func.hashtextextended(str(customer_id), 0))


class ErasedCustomerColumns:
    """The columns of an `erased_customers` table; a service's models make a table of them."""

    __tablename__ = "erased_customers"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class ErasedCustomers:
    """The customers whom one service has forgotten."""

    table: Table

    async def note(self, session: WriteSession, customer_id: UUID) -> None:
        """Note that a customer is forgotten, once whoever writes in that name is done; the first time counts."""
        await session.execute(select(lock_customer(customer_id)))
        await session.execute(insert(self.table).values(customer_id=customer_id).on_conflict_do_nothing())

    async def refuse(self, session: WriteSession, customer_id: UUID) -> None:
        """Refuse what was written in the name of somebody who is forgotten; the writer has the customer's lock.

        Raises:
            ForbiddenError: the customer was forgotten.
        """
        if await self.find(session, [customer_id]):
            raise ForbiddenError("This account was deleted.")

    async def find(self, session: WriteSession, ids: Collection[UUID]) -> set[UUID]:
        """Those of the customers who are forgotten."""
        column = self.table.c.customer_id
        return {*await session.scalars(select(column).where(column == any_(literal([*ids], ARRAY(Uuid)))))}
