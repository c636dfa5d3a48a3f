"""Lists of many owners with one statement: a page of each, or how many each has."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, column, func, literal, select, true

from subgraphs.common.database import ReadSession, WriteSession

Found = TypeVar("Found")


def group(
    ids: Collection[UUID], items: Iterable[Found], owner_of: Callable[[Found], UUID]
) -> dict[UUID, list[Found]]:
    """Each owner's items, in their sequence."""
    found: dict[UUID, list[Found]] = {owner: [] for owner in ids}
    for item in items:
        found[owner_of(item)].append(item)
    return found


async def read_pages(
    session: ReadSession | WriteSession,
    owner: Any,
    ids: Collection[UUID],
    page: Any,
    read: Callable[[Any], Found],
) -> dict[UUID, list[Found]]:
    """The same page of each owner's list, in the page's own order; `read` tells what a row stands for.

    `page` selects from the lists of all owners, whose ids are in the column `owner`: one LATERAL join with the ids makes
    it theirs.
    """
    owners = func.unnest(literal([*ids], ARRAY(Uuid))).table_valued(column("id", Uuid), name="owners")
    owners = owners.render_derived()
    own = page.where(owner == owners.c.id).correlate(owners).lateral("page")
    statement = select(owners.c.id.label("owner"), own).join_from(owners, own, true())
    rows = group(ids, await session.execute(statement), lambda row: row.owner)
    return {owner_id: [read(row) for row in own_rows] for owner_id, own_rows in rows.items()}


async def read_counts(
    session: ReadSession | WriteSession, ids: Collection[UUID], statement: Any
) -> dict[UUID, int]:
    """How many each owner has, by a statement that gives owners and counts; 0 for one that is not in it."""
    found = dict.fromkeys(ids, 0)
    for owner, count in await session.execute(statement):
        found[owner] = count
    return found
