"""What orders knows of one person, told and forgotten. The orders stay as they were: they are the books."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.common.database import Database
from subgraphs.common.internal import JsonObject
from subgraphs.common.personal_data import EXPORT_ROWS_MAX, write_money
from subgraphs.orders.domain import Event, License, Line, Order
from subgraphs.orders.repository import orders, people


@dataclass(frozen=True, slots=True)
class People:
    """What one database knows of people; `cancel_all` ends the orders of a customer that wait for money."""

    database: Database
    cancel_all: Callable[[UUID], Awaitable[object]]

    async def erase(self, user_id: UUID) -> None:
        """Forget a customer, whose id names nobody once auth and users have forgotten too."""
        async with self.database.write() as session:
            # First, so that who still holds a token orders nothing while this goes on.
            await people.ERASED.note(session, user_id)
        await self.cancel_all(user_id)
        async with self.database.write() as session:
            await people.drop_words(session, user_id)
            await people.end_licenses(session, user_id)
            await people.drop_keys(session, user_id)

    async def export(self, user_id: UUID) -> JsonObject:
        """A customer's orders and licences, for the customer."""
        async with self.database.read() as session:
            made = await people.list_newest(session, user_id, EXPORT_ROWS_MAX)
            ids = [order.id for order in made]
            lines, events = await orders.list_lines(session, ids), await orders.list_events(session, ids)
            licenses = await people.list_licenses(session, user_id, EXPORT_ROWS_MAX)
        lines_of: dict[UUID, list[Line]] = {order_id: [] for order_id in ids}
        for line in lines:
            lines_of[line.order_id].append(line)
        events_of: dict[UUID, list[Event]] = {order_id: [] for order_id in ids}
        for event in events:
            events_of[event.order_id].append(event)
        return {
            "orders": [_write_order(order, lines_of[order.id], events_of[order.id]) for order in made],
            "licenses": [_write_license(*found) for found in licenses],
        }


def _write_order(order: Order, lines: list[Line], events: list[Event]) -> dict[str, Any]:
    return {
        "number": order.number,
        "status": order.status,
        "total": write_money(order.total),
        "refundedTotal": write_money(order.refunded_total),
        "createdAt": order.created_at.isoformat(),
        "lines": [
            {
                "productName": line.product_name,
                "quantity": line.quantity,
                "unitPrice": write_money(line.unit_price),
            }
            for line in lines
        ],
        "events": [
            {"at": event.at.isoformat(), "type": event.type, "to": event.to_status, "message": event.message}
            for event in events
        ],
    }


def _write_license(license_: License, labels: list[str]) -> dict[str, Any]:
    return {
        "productId": str(license_.product_id),
        "key": license_.key,
        "status": license_.status,
        "createdAt": license_.created_at.isoformat(),
        "activations": labels,
    }
