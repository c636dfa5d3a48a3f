"""Indexes for lists of payments in a state or by a method: the rare ones are found without reading all the others."""

from alembic import op

revision = "0014"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX payments_by_status ON payments (status, created_at, id)")
    op.execute("CREATE INDEX payments_by_method ON payments (method, created_at, id)")


def downgrade() -> None:
    op.execute("DROP INDEX payments_by_method")
    op.execute("DROP INDEX payments_by_status")
