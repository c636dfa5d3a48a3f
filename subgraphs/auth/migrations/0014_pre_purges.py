"""What is over can be found by its time; the audit log keeps what is younger than 400 days from everybody."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "CREATE INDEX sessions_expires ON sessions (expires_at)",
    """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.at < now() - interval '400 days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the audit log is only added to';
    END $$
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
