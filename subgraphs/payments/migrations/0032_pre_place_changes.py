"""Changes are placed by one function of the database: one journey where there were eight."""

from alembic import op

from subgraphs.common.ddl import PLACE_CHANGES_1

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(PLACE_CHANGES_1)
