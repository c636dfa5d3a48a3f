"""Loaders: what many resolvers of one request ask for one by one, read in one statement."""

from dataclasses import dataclass
from uuid import UUID

from aiodataloader import DataLoader

from subgraphs.common.database import ReadSession
from subgraphs.common.loaders import Reading, build_finder, build_getter, for_each_rest
from subgraphs.common.pagination import Page, PageRequest
from subgraphs.orders.domain import Activation, Event, License, Line, Order, OrderFilter
from subgraphs.orders.service import OrdersService

HistoryKey = tuple[UUID, OrderFilter, PageRequest]
"""A customer, which of the orders, and which page of them."""
CountKey = tuple[UUID, OrderFilter]
LibraryKey = tuple[UUID, PageRequest]
OwnedKey = tuple[UUID, UUID]
"""A user and a product."""


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request; what is not there loads as None, an empty list or 0."""

    orders: DataLoader[UUID, Order | None]
    lines: DataLoader[UUID, list[Line]]
    events: DataLoader[UUID, list[Event]]
    sold: DataLoader[UUID, int]
    histories: DataLoader[HistoryKey, Page[Order]]
    counts: DataLoader[CountKey, int]
    licenses: DataLoader[UUID, License | None]
    licenses_of: DataLoader[UUID, list[License]]
    activations: DataLoader[UUID, list[Activation]]
    libraries: DataLoader[LibraryKey, Page[License]]
    library_counts: DataLoader[UUID, int]
    owned: DataLoader[OwnedKey, bool]


def build_loaders(service: OrdersService, read: Reading) -> Loaders:
    """The loaders of one request, which read in sessions that `read` opens."""
    licenses = service.licenses

    async def load_owned(session: ReadSession, keys: list[OwnedKey]) -> dict[OwnedKey, bool]:
        asked: dict[UUID, list[UUID]] = {}
        for user_id, product_id in keys:
            asked.setdefault(user_id, []).append(product_id)
        owned = {user_id: await licenses.list_owned(session, user_id, ids) for user_id, ids in asked.items()}
        return {key: key[1] in owned[key[0]] for key in keys}

    return Loaders(
        orders=build_finder(service.find_orders, read),
        lines=build_getter(service.list_lines, read),
        events=build_getter(service.list_events, read),
        sold=build_getter(service.count_sold, read),
        histories=build_getter(for_each_rest(service.list_orders_of), read),
        counts=build_getter(for_each_rest(service.count_orders_of), read),
        licenses=build_finder(licenses.find, read),
        licenses_of=build_getter(licenses.list_of_orders, read),
        activations=build_getter(licenses.list_activations, read),
        libraries=build_getter(for_each_rest(licenses.list_libraries), read),
        library_counts=build_getter(licenses.count_libraries, read),
        owned=build_getter(load_owned, read),
    )
