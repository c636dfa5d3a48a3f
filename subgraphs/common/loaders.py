"""Data loaders over a request's reading sessions: what resolvers ask one by one is read in one statement."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TypeVar, TypeVarTuple

from aiodataloader import DataLoader

from subgraphs.common.database import ReadSession

Reading = Callable[[], AbstractAsyncContextManager[ReadSession]]
Key = TypeVar("Key")
Value = TypeVar("Value")
Rest = TypeVarTuple("Rest")
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


def for_each_rest(
    load_of: Callable[[ReadSession, list[Key], *Rest], Awaitable[Mapping[Key, Value]]],
) -> Load[tuple[Key, *Rest], Value]:
    """What loads keys of an owner and the rest of what is asked: `load_of` is called once for each different rest.

    Keys of one field of the operation share their filter and page, so that is one statement for each such field.
    """

    async def load(session: ReadSession, keys: list[tuple[Key, *Rest]]) -> dict[tuple[Key, *Rest], Value]:
        asked: dict[tuple[*Rest], list[Key]] = {}
        for key in keys:
            asked.setdefault(key[1:], []).append(key[0])
        return {
            (owner, *rest): value
            for rest, owners in asked.items()
            for owner, value in (await load_of(session, owners, *rest)).items()
        }

    return load
