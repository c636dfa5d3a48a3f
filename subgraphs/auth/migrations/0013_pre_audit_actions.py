"""Indexes for the audit log of one action, or of a time: the rare ones are those that are looked for."""

from alembic import op

revision = "0013"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX audit_log_action ON audit_log (action, id)")
    op.execute("CREATE INDEX audit_log_at ON audit_log (at)")


def downgrade() -> None:
    op.execute("DROP INDEX audit_log_at")
    op.execute("DROP INDEX audit_log_action")
