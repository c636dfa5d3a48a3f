"""What was ordered is frozen as a whole: an order begins pending, has lines, and nothing of it changes later."""

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
