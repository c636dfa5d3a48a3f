"""Access tokens that were called back."""

from datetime import datetime

from sqlalchemy import select

from subgraphs.auth.models import RevocationRow
from subgraphs.common.database import ReadSession
from subgraphs.common.revocation import Revocation


async def list_revocations(session: ReadSession, after: datetime, limit: int) -> list[Revocation]:
    """Return what was called back at a time or later, oldest first: at most `limit` of it."""
    statement = (
        select(RevocationRow)
        .where(RevocationRow.at >= after)
        .order_by(RevocationRow.at, RevocationRow.subject)
        .limit(limit)
    )
    found = (await session.execute(statement)).scalars()
    return [Revocation(subject=str(row.subject), version=row.version, at=row.at) for row in found]
