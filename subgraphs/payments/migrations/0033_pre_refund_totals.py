"""A refund notes what of its payment had gone back with it: so orders can tell one from the other, whatever it hears first."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE refunds ADD COLUMN running_total_minor bigint")
