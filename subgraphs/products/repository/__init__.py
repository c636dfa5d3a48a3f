"""Every SQL statement of products; each function is one statement."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from subgraphs.common.database import ReadSession, WriteSession
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.products.domain import SlugTakenError

AnySession = ReadSession | WriteSession


async def lock_slug(session: WriteSession, slug: str) -> None:
    """The lock of a slug that is made of a name, until the transaction ends: who numbers it sees what others made of it."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(slug, 0))))


@contextmanager
def refuse_broken_constraints() -> Iterator[None]:
    """Raise the refusal for a constraint that a statement in the block breaks.

    Postgres decides, since whatever is asked beforehand may be untrue when the row is written.

    Raises:
        SlugTakenError: the slug has another owner.
        ObjectNotFoundError: no such category.
    """
    try:
        yield
    except IntegrityError as error:
        refusal = _read_refusal(getattr(error.driver_exception, "constraint_name", None))
        if refusal is None:
            raise
        raise refusal from None


def _read_refusal(constraint: str | None) -> DomainError | None:
    match constraint:
        case "products_slug_key" | "categories_slug_key":
            return SlugTakenError(("slug",))
        case "products_category_id_fkey":
            return ObjectNotFoundError("There is no such category.", ("categoryId",))
        case "categories_parent_id_fkey":
            return ObjectNotFoundError("There is no such category.", ("parentId",))
        case _:
            return None
