"""Data loaders over a request's reading sessions: what resolvers ask one by one is read in one statement."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from aiodataloader import DataLoader

from subgraphs.common.database import ReadSession

Reading = Callable[[], AbstractAsyncContextManager[ReadSession]]
Key = TypeVar("Key")
Value = TypeVar("Value")
Load = Callable[[ReadSession, list[Key]], Awaitable[Mapping[Key, Value]]]


def build_finder(load: Load[Key, Value], read: Reading) -> DataLoader[Key, Value | None]:
    """A loader that gives None for a key that `load` did not find."""

    async def load_batch(keys: list[Key]) -> list[Value | None]:
        async with read() as session:
            found = await load(session, keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_batch)


def build_getter(load: Load[Key, Value], read: Reading) -> DataLoader[Key, Value]:
    """A loader whose `load` has a value for every key."""

    async def load_batch(keys: list[Key]) -> list[Value]:
        async with read() as session:
            found = await load(session, keys)
        return [found[key] for key in keys]

    return DataLoader(load_batch)
