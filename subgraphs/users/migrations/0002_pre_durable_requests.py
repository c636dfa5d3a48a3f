"""Erasures that go on by themselves, and data exports."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    ALTER TABLE erasure_requests
        ADD COLUMN next_try_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN attempts integer NOT NULL DEFAULT 0
    """,
    """
    CREATE INDEX erasure_requests_due ON erasure_requests (next_try_at)
        WHERE status IN ('SCHEDULED', 'RUNNING')
    """,
    """
    CREATE TABLE data_exports (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        user_id uuid NOT NULL CONSTRAINT data_exports_user_id_key UNIQUE,
        requested_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        next_try_at timestamptz NOT NULL,
        content jsonb
    )
    """,
    "CREATE INDEX data_exports_due ON data_exports (next_try_at) WHERE content IS NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE data_exports")
    op.execute("ALTER TABLE erasure_requests DROP COLUMN next_try_at, DROP COLUMN attempts")
