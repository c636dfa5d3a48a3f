"""What was ordered is frozen as a whole: an order begins pending, its lines add up, nothing of it changes later."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE OR REPLACE FUNCTION guard_order_status() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
            ('PENDING', 'PAID'), ('PENDING', 'CANCELLED'), ('PAID', 'PROCESSING'), ('PAID', 'REFUNDED'),
            ('PROCESSING', 'COMPLETED'), ('PROCESSING', 'REFUNDED'), ('COMPLETED', 'REFUNDED')
        ) THEN
            RAISE EXCEPTION 'an order cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
        END IF;
        IF (NEW.id, NEW.customer_id, NEW.number, NEW.currency, NEW.subtotal_minor, NEW.discount_minor, NEW.tax_minor,
                NEW.total_minor, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.customer_id, OLD.number, OLD.currency, OLD.subtotal_minor, OLD.discount_minor,
                OLD.tax_minor, OLD.total_minor, OLD.created_at) THEN
            RAISE EXCEPTION 'what was ordered cannot change' USING ERRCODE = 'check_violation';
        END IF;
        IF OLD.paid_by IS NOT NULL AND NEW.paid_by IS DISTINCT FROM OLD.paid_by THEN
            RAISE EXCEPTION 'an order is paid once' USING ERRCODE = 'check_violation';
        END IF;
        NEW.updated_at := now();
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION guard_new_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'an order begins PENDING, not %', NEW.status USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER orders_begin_pending BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.status <> 'PENDING')
    EXECUTE FUNCTION guard_new_order()
    """,
    # The lines of an order are written by one statement, after which nothing can be added to them.
    """
    CREATE FUNCTION check_line_totals() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT order_id, sum(total_minor) AS total, count(*) AS lines FROM added GROUP BY order_id) new
            JOIN orders ON orders.id = new.order_id
            WHERE new.total <> orders.subtotal_minor
                OR new.lines <> (SELECT count(*) FROM order_lines WHERE order_lines.order_id = orders.id)
        ) THEN
            RAISE EXCEPTION 'the lines of an order come at once and add up' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER order_lines_add_up AFTER INSERT ON order_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_line_totals()
    """,
    """
    CREATE FUNCTION check_has_lines() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM order_lines WHERE order_id = NEW.id) THEN
            RAISE EXCEPTION 'an order has at least one line' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER orders_have_lines AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_has_lines()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
