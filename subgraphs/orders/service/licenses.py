"""Licences: what customers hold of what they paid for, and where they use it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import Database, ReadSession
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.orders.domain import Activation, License, LicenseStatus, check_label
from subgraphs.orders.repository import licenses

UNKNOWN = "There is no such licence."


@dataclass(frozen=True, slots=True)
class Licenses:
    """The licences in one database. They are issued and revoked with what happens to orders."""

    database: Database

    async def find_licenses(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, License]:
        """Those of the licences that exist, by id; callers decide who may see them."""
        return {held.id: held for held in await licenses.find_licenses(session, ids)}

    async def list_of_orders(self, session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[License]]:
        """The licences of each order."""
        found: dict[UUID, list[License]] = {order_id: [] for order_id in ids}
        for held in await licenses.list_of_orders(session, ids):
            found[held.order_id].append(held)
        return found

    async def list_activations(
        self, session: ReadSession, ids: Collection[UUID]
    ) -> dict[UUID, list[Activation]]:
        """The devices of each licence, oldest first."""
        found: dict[UUID, list[Activation]] = {license_id: [] for license_id in ids}
        for activation in await licenses.list_activations(session, ids):
            found[activation.license_id].append(activation)
        return found

    async def find_owned(
        self, session: ReadSession, keys: Collection[tuple[UUID, UUID]]
    ) -> dict[tuple[UUID, UUID], bool]:
        """Whether a customer holds an active licence of a product, for pairs of the two."""
        products: dict[UUID, list[UUID]] = {}
        for customer_id, product_id in keys:
            products.setdefault(customer_id, []).append(product_id)
        owned = {
            customer_id: await licenses.find_owned(session, customer_id, ids)
            for customer_id, ids in products.items()
        }
        return {
            (customer_id, product_id): product_id in owned[customer_id] for customer_id, product_id in keys
        }

    async def list_libraries(
        self, session: ReadSession, customer_ids: Collection[UUID], request: PageRequest
    ) -> dict[UUID, Page[License]]:
        """The page `request` of each customer's licences, newest first.

        Raises:
            BadUserInputError: a cursor of another list.
        """
        found = await licenses.list_libraries(session, customer_ids, request)
        return {
            customer_id: build_page(request, rows, licenses.build_cursor_values)
            for customer_id, rows in found.items()
        }

    async def count_libraries(self, session: ReadSession, customer_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many licences each customer has."""
        return await licenses.count_libraries(session, customer_ids)

    async def activate(self, customer_id: UUID, key: str, label: str) -> License:
        """Use a licence on a device; one that is known by the label already is the same.

        Raises:
            ObjectNotFoundError: no such licence of this customer.
            InvalidInputError: it is not active, is used on as many devices as it may be, or the label is none.
        """
        label = check_label(label)
        async with self.database.write() as session:
            held = await licenses.lock_license(session, customer_id, key=key)
            if held is None:
                raise ObjectNotFoundError(UNKNOWN, ("key",))
            if held.status is not LicenseStatus.ACTIVE:
                message = f"A licence that is {held.status.value} cannot be used."
                raise InvalidInputError(message, ("key",), ErrorCode.INVALID_STATE)
            used = await licenses.list_activations(session, [held.id])
            if any(activation.label == label for activation in used):
                return held
            if len(used) >= held.activation_limit:
                message = (
                    f"This licence is used on {len(used)} devices, as many as it may be. Deactivate one."
                )
                raise InvalidInputError(message, ("key",), ErrorCode.LIMIT_EXCEEDED)
            await licenses.insert_activation(session, held.id, label)
            return held

    async def deactivate(self, customer_id: UUID, license_id: UUID, activation_id: UUID) -> License:
        """Use a licence on a device no more.

        Raises:
            ObjectNotFoundError: no such licence of this customer, or no such device.
        """
        async with self.database.write() as session:
            held = await licenses.lock_license(session, customer_id, license_id=license_id)
            if held is None:
                raise ObjectNotFoundError(UNKNOWN, ("licenseId",))
            if not await licenses.delete_activation(session, held.id, activation_id):
                raise ObjectNotFoundError("There is no such device.", ("activationId",))
            return held

    async def revoke(self, license_id: UUID, reason: str | None) -> License:
        """Take a licence away; one that was taken away stays so.

        Raises:
            ObjectNotFoundError: no such licence.
        """
        async with self.database.write() as session:
            revoked = await licenses.revoke_license(session, license_id, reason)
            if revoked is not None:
                return revoked
            found = await licenses.find_licenses(session, [license_id])
        if not found:
            raise ObjectNotFoundError(UNKNOWN, ("licenseId",))
        return found[0]
