"""Erasures in all services: those that were completed when there were only two are taken up again."""

from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # A step is its service; the position only says in which order they are told.
    "ALTER TABLE erasure_steps DROP CONSTRAINT erasure_steps_pkey, ADD PRIMARY KEY (request_id, service)",
    "UPDATE erasure_steps SET position = 4 WHERE service = 'users'",
    """
    UPDATE erasure_requests SET status = 'RUNNING', completed_at = NULL, next_try_at = now(), attempts = 0
    WHERE status = 'COMPLETED'
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
