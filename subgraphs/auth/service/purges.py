"""What auth forgets once it has no effect any more."""

from datetime import timedelta

from subgraphs.auth.models import ActionTokenRow, AuditRow, Base, RevocationRow, SessionRow, ThrottleRow
from subgraphs.common.purge import Purge
from subgraphs.common.revocation import KEPT

KEEP_SESSIONS = timedelta(days=30)
"""How long their owner finds them in a data export after they have ended."""
KEEP_AUDIT = timedelta(days=401)
"""A year and some; the database, whose clock may be another, refuses to drop what is younger than 400 days."""
SESSIONS_AT_ONCE = 20
"""Each takes its refresh tokens with it, up to some thousands."""

_TABLES = Base.metadata.tables


def list_purges(forget_throttles_after: timedelta) -> tuple[Purge, ...]:
    """All that is purged, by the hour."""
    return (
        Purge(
            _TABLES["throttles"],
            ThrottleRow.last_at,
            forget_throttles_after,
            age=ThrottleRow.locked_until,
        ),
        Purge(_TABLES["action_tokens"], ActionTokenRow.expires_at, timedelta(0)),
        Purge(_TABLES["sessions"], SessionRow.expires_at, KEEP_SESSIONS, batch=SESSIONS_AT_ONCE),
        Purge(_TABLES["revocations"], RevocationRow.at, KEPT),
        Purge(_TABLES["audit_log"], AuditRow.at, KEEP_AUDIT),
    )
