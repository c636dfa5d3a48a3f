"""Orders that were not paid in time are found by their deadline."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX orders_pending_by_deadline ON orders (payment_deadline) WHERE status = 'PENDING'"
    )
