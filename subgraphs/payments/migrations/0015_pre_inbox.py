"""Events have a version, and what was heard is kept by subject."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE outbox ADD COLUMN version bigint GENERATED ALWAYS AS IDENTITY",
    """
    CREATE TABLE inbox (
        source text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        version bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (source, type, subject)
    )
    """,
    "CREATE INDEX inbox_by_time ON inbox (at)",
    "CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
