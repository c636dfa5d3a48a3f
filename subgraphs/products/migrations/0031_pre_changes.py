"""Changes of prices, for those who subscribe to them."""

from alembic import op

from subgraphs.common.ddl import CHANGES_1

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_STATEMENTS = (
    *CHANGES_1,
    # A first price is no change. `at` is the product's own time, so that who has read it knows what it has seen.
    """
    CREATE FUNCTION note_price_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO changes (id, subject, at)
        SELECT added.id, added.product_id, products.updated_at
        FROM added JOIN products ON products.id = added.product_id
        WHERE EXISTS (
            SELECT FROM price_points WHERE price_points.product_id = added.product_id AND price_points.id <> added.id
        )
        ORDER BY added.since, added.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER price_points_told AFTER INSERT ON price_points REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note_price_changes()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
