"""What products are ranked by stands in their own rows, so that one index answers a list in that order with its conditions."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_REVIEWS = "rating_counts[1] + rating_counts[2] + rating_counts[3] + rating_counts[4] + rating_counts[5]"
_STARS = "rating_counts[1] + 2 * rating_counts[2] + 3 * rating_counts[3] + 4 * rating_counts[4] + 5 * rating_counts[5]"

_STATEMENTS = (
    # What is counted of a product is no change of its price: the trigger is not even asked.
    "DROP TRIGGER products_price_noted ON products",
    """
    CREATE TRIGGER products_price_noted AFTER INSERT OR UPDATE OF price_minor, currency ON products
    FOR EACH ROW EXECUTE FUNCTION note_price()
    """,
    """
    ALTER TABLE products
        ADD COLUMN rating_counts integer[] NOT NULL DEFAULT '{0,0,0,0,0}'
            CONSTRAINT products_rating_counts_form CHECK (cardinality(rating_counts) = 5 AND 0 <= ALL (rating_counts)),
        ADD COLUMN units_sold bigint NOT NULL DEFAULT 0
            CONSTRAINT products_units_sold_not_negative CHECK (units_sold >= 0),
        ADD COLUMN sales_version bigint NOT NULL DEFAULT 0
    """,
    """
    UPDATE products SET rating_counts = counts, units_sold = units, sales_version = product_sales.version
    FROM product_ratings JOIN product_sales USING (product_id) WHERE product_id = products.id
    """,
    f"""
    ALTER TABLE products
        ADD COLUMN review_count integer NOT NULL GENERATED ALWAYS AS ({_REVIEWS}) STORED,
        ADD COLUMN rating_average numeric(3, 2) NOT NULL GENERATED ALWAYS AS (
            CASE WHEN {_REVIEWS} = 0 THEN 0 ELSE round(({_STARS})::numeric / ({_REVIEWS}), 2) END) STORED
    """,
    "CREATE INDEX products_by_rating ON products (status, rating_average, review_count, id)",
    "CREATE INDEX products_by_units_sold ON products (status, units_sold, id)",
    """
    CREATE OR REPLACE FUNCTION count_rating(product uuid, stars integer, step integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE products SET rating_counts[stars] = rating_counts[stars] + step WHERE id = product;
    END $$
    """,
    "DROP TRIGGER products_standings_opened ON products",
    "DROP FUNCTION open_standings()",
    "DROP TABLE product_ratings",
    "DROP TABLE product_sales",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
