"""How many of a limited product are taken, counted by the database; orders that were paid are completed by themselves."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # Only limited products have a row. An order takes what it has from the moment it is made (so a pending order is a
    # reservation, and its deadline the reservation's) until it is cancelled or paid back.
    """
    CREATE TABLE stock (
        product_id uuid PRIMARY KEY,
        taken bigint NOT NULL CONSTRAINT stock_taken_not_negative CHECK (taken >= 0)
    )
    """,
    # Once a statement and in one order of rows, so that no two orders wait for each other.
    """
    CREATE FUNCTION take_stock() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM stock WHERE product_id IN (SELECT product_id FROM lines) ORDER BY product_id FOR UPDATE;
        IF FOUND THEN
            UPDATE stock SET taken = taken + ordered.quantity
            FROM (SELECT product_id, sum(quantity) AS quantity FROM lines GROUP BY product_id) AS ordered
            WHERE stock.product_id = ordered.product_id;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER order_lines_take_stock AFTER INSERT ON order_lines REFERENCING NEW TABLE AS lines
    FOR EACH STATEMENT EXECUTE FUNCTION take_stock()
    """,
    """
    CREATE FUNCTION free_stock() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ended uuid[] := ARRAY(
            SELECT id FROM after JOIN before USING (id)
            WHERE after.status IN ('CANCELLED', 'REFUNDED') AND before.status <> after.status);
    BEGIN
        IF cardinality(ended) = 0 THEN
            RETURN NULL;
        END IF;
        PERFORM FROM stock WHERE product_id IN (SELECT product_id FROM order_lines WHERE order_id = ANY (ended))
            ORDER BY product_id FOR UPDATE;
        IF FOUND THEN
            UPDATE stock SET taken = taken - freed.quantity
            FROM (
                SELECT product_id, sum(quantity) AS quantity FROM order_lines WHERE order_id = ANY (ended)
                GROUP BY product_id
            ) AS freed
            WHERE stock.product_id = freed.product_id;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER orders_free_stock AFTER UPDATE ON orders REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION free_stock()
    """,
    "CREATE INDEX orders_to_fulfil ON orders (updated_at, id) WHERE status IN ('PAID', 'PROCESSING')",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
