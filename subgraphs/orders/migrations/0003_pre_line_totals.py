"""The lines of an order are written by one statement and add up; nothing can be added to them after it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE OR REPLACE FUNCTION check_line_totals() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT order_id, sum(total_minor) AS total, count(*) AS lines FROM added GROUP BY order_id) written
            JOIN orders ON orders.id = written.order_id
            WHERE written.total <> orders.subtotal_minor
                OR written.lines <> (SELECT count(*) FROM order_lines WHERE order_lines.order_id = orders.id)
        ) THEN
            RAISE EXCEPTION 'the lines of an order come at once and add up' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER order_lines_add_up AFTER INSERT ON order_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_line_totals()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
