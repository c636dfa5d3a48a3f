"""Licences: issued once with the payment of an order, ended with its refund, used in as many places as were ordered."""

import base64
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError
from subgraphs.common.owners import group
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.common.text import check_line
from subgraphs.orders.domain import (
    LABEL_CHARACTERS_MAX,
    Activation,
    License,
    LicenseStatus,
    Line,
    Order,
)
from subgraphs.orders.models import LicenseRow
from subgraphs.orders.repository import licenses

UNKNOWN = "There is no such licence."
_KEY_BYTES = 15  # 24 characters of base32, of which nobody guesses one
_GROUP = 6


@dataclass(frozen=True, slots=True)
class Licenses:
    """The licences in one database; callers decide who may see them."""

    database: Database

    async def issue(self, session: WriteSession, order: Order, lines: Sequence[Line]) -> None:
        """Issue what was paid, in the transaction of its payment."""
        await licenses.issue_licenses(session, order, lines, {line.id: _make_key() for line in lines})

    async def revoke_all(self, session: WriteSession, order: Order) -> None:
        """End what was issued for an order."""
        await licenses.revoke_licenses(session, LicenseRow.order_id, order.id)

    async def revoke(self, session: WriteSession, license_id: UUID) -> tuple[License, bool]:
        """End a licence; gives it, and whether it was not ended before.

        Raises:
            ObjectNotFoundError: no such licence.
        """
        revoked = await licenses.revoke_licenses(session, LicenseRow.id, license_id)
        found = await licenses.find_licenses(session, [license_id])
        if not found:
            raise ObjectNotFoundError(UNKNOWN, ("licenseId",))
        return found[0], bool(revoked)

    async def find(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, License]:
        """Those of the licences that exist, by id."""
        return {license_.id: license_ for license_ in await licenses.find_licenses(session, ids)}

    async def list_of_orders(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[License]]:
        """The licences of each order."""
        return group(ids, await licenses.list_of_orders(session, ids), lambda license_: license_.order_id)

    async def list_activations(
        self, session: ReadSession, ids: Collection[UUID]
    ) -> dict[UUID, list[Activation]]:
        """Where each licence is used, oldest first."""
        return group(
            ids, await licenses.list_activations(session, ids), lambda activation: activation.license_id
        )

    async def list_libraries(
        self, session: ReadSession, customer_ids: Collection[UUID], request: PageRequest
    ) -> dict[UUID, Page[License]]:
        """The page `request` of each customer's licences, newest first.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        found = await licenses.list_libraries(session, customer_ids, request)
        return {
            customer_id: build_page(request, rows, lambda row: (row.created_at.isoformat(), str(row.id)))
            for customer_id, rows in found.items()
        }

    async def count_libraries(self, session: ReadSession, customer_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many licences each customer has."""
        return await licenses.count_libraries(session, customer_ids)

    async def list_owned(
        self, session: ReadSession, customer_id: UUID, product_ids: Collection[UUID]
    ) -> set[UUID]:
        """Those of the products that the customer holds an active licence of."""
        return await licenses.list_owned(session, customer_id, product_ids, datetime.now(UTC))

    async def activate(self, customer_id: UUID, key: str, label: str) -> License:
        """Use a licence in one more place; a place where it is used already, by its label, is no more.

        Raises:
            InvalidInputError: the label is unusable, or no use is left.
            ObjectNotFoundError: the caller has no such licence.
        """
        label = check_line(label, LABEL_CHARACTERS_MAX, ("label",))
        async with self.database.write() as session:
            found = await licenses.lock_license(session, customer_id, key)
            if found is None:
                raise ObjectNotFoundError(UNKNOWN, ("key",))
            if not found.is_usable(datetime.now(UTC)):
                status = LicenseStatus.EXPIRED if found.status is LicenseStatus.ACTIVE else found.status
                raise InvalidInputError(f"This licence is {status.value}.", ("key",), ErrorCode.INVALID_STATE)
            if await licenses.has_activation(session, found.id, label):
                return found
            if not await licenses.take_seat(session, found.id):
                raise InvalidInputError(
                    f"This licence is used in {found.activation_limit} places already: end one of them first.",
                    ("key",),
                    ErrorCode.LIMIT_EXCEEDED,
                )
            await licenses.insert_activation(session, found.id, label)
            return found

    async def deactivate(self, license_: License, activation_id: UUID) -> None:
        """End the use of a licence in one place.

        Raises:
            ObjectNotFoundError: it is not used there.
        """
        async with self.database.write() as session:
            await licenses.lock_license(session, license_.customer_id, license_.key)
            if not await licenses.delete_activation(session, license_.id, activation_id):
                raise ObjectNotFoundError("The licence is not used there.", ("activationId",))
            await licenses.free_seat(session, license_.id)


def _make_key() -> str:
    text = base64.b32encode(secrets.token_bytes(_KEY_BYTES)).decode()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
