"""Customers who are forgotten: nothing is written in their name."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE erased_customers (
            customer_id uuid PRIMARY KEY,
            erased_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
