"""A price holds from the time at which its product says that it was changed: a catalogue comes with its past."""

from alembic import op

revision = "0012"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE FUNCTION date_price() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.since := (SELECT updated_at FROM products WHERE id = NEW.product_id);
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER price_points_dated BEFORE INSERT ON price_points FOR EACH ROW EXECUTE FUNCTION date_price()",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER price_points_dated ON price_points")
    op.execute("DROP FUNCTION date_price()")
