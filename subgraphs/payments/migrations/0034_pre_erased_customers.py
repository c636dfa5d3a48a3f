"""Customers who are forgotten: nothing is written in their name."""

from alembic import op

from subgraphs.common.ddl import ERASED_CUSTOMERS_1

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(ERASED_CUSTOMERS_1)
