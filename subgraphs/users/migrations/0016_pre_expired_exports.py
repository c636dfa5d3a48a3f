"""Data exports that are over are found by their time."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX data_exports_expires ON data_exports (expires_at)")
