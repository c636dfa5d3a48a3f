"""What is loaded with its past was changed when its past says."""

from alembic import op

from subgraphs.common.ddl import build_past_times_1

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in build_past_times_1(thing="payment", guard="guard_payment"):
        op.execute(statement)
