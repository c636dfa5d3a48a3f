"""Changes are placed by one function of the database: one journey where there were eight."""

from alembic import op

from subgraphs.common.ddl import PLACE_CHANGES_1

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(PLACE_CHANGES_1)
