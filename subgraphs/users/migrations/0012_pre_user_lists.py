"""An index for lists of users with a role: administrators are few."""

from alembic import op

revision = "0012"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX profiles_role ON profiles (role, created_at, id)")


def downgrade() -> None:
    op.execute("DROP INDEX profiles_role")
