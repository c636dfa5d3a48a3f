"""Events have a version, and what was heard is kept by subject."""

from alembic import op

from subgraphs.common.ddl import INBOX_1

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in INBOX_1:
        op.execute(statement)
