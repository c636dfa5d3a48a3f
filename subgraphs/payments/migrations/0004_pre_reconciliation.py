"""What comparing with the gateway's list has found."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE reconciliation_reports (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        gateway text NOT NULL,
        from_time timestamptz NOT NULL,
        to_time timestamptz NOT NULL,
        matched integer NOT NULL,
        missing_here integer NOT NULL,
        missing_at_gateway integer NOT NULL,
        amount_mismatch integer NOT NULL,
        CONSTRAINT reconciliation_reports_one_a_window UNIQUE (gateway, from_time)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
