"""What is loaded with its past was changed when its past says."""

from alembic import op

from subgraphs.common.ddl import build_past_times_1

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in build_past_times_1(thing="order", guard="guard_order_status"):
        op.execute(statement)
