"""An index for lists of orders in a state: the rare ones are found without reading all the others."""

from alembic import op

revision = "0014"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX orders_by_status ON orders (status, created_at, id)")


def downgrade() -> None:
    op.execute("DROP INDEX orders_by_status")
