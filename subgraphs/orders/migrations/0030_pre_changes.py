"""Changes of status, for those who subscribe to them."""

from alembic import op

from subgraphs.common.ddl import CHANGES_1, build_status_changes_1

revision = "0030"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATEMENTS = (
    *CHANGES_1,
    *build_status_changes_1(
        thing="order", owner="customer_id", sequence="sequence", more_data=", 'at', added.at"
    ),
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
