"""The mail to an account's old address."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KINDS = ("VERIFY_EMAIL", "CHANGE_EMAIL", "RESET_PASSWORD", "PASSWORD_CHANGED")


def upgrade() -> None:
    _allow((*_KINDS, "EMAIL_CHANGED"))


def downgrade() -> None:
    op.execute("DELETE FROM mails WHERE kind = 'EMAIL_CHANGED'")
    _allow(_KINDS)


def _allow(kinds: tuple[str, ...]) -> None:
    known = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE mails DROP CONSTRAINT kind_known")
    op.execute(f"ALTER TABLE mails ADD CONSTRAINT kind_known CHECK (kind IN ({known}))")
