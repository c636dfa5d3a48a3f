"""A name as a search compares it, stored: taking the accents off was most of what scoring a match took."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE products ADD COLUMN plain_name text GENERATED ALWAYS AS (plain_text(name)) STORED NOT NULL"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE products DROP COLUMN plain_name")
