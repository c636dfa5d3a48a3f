"""Customers who are forgotten: nobody orders in their name, and what people wrote about their orders may go."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE erased_customers (
        customer_id uuid PRIMARY KEY,
        erased_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    # An event is written once, but for the words of people in it, which can only go.
    """
    CREATE FUNCTION guard_order_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.message IS NOT NULL OR OLD.actor_type = 'SYSTEM' OR
            (NEW.id, NEW.sequence, NEW.order_id, NEW.at, NEW.type, NEW.from_status, NEW.to_status, NEW.actor_type,
                NEW.actor_id)
            IS DISTINCT FROM (OLD.id, OLD.sequence, OLD.order_id, OLD.at, OLD.type, OLD.from_status, OLD.to_status,
                OLD.actor_type, OLD.actor_id) THEN
            RAISE EXCEPTION 'order_events is written once' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "DROP TRIGGER order_events_frozen ON order_events",
    "CREATE TRIGGER order_events_frozen BEFORE DELETE ON order_events FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER order_events_guard BEFORE UPDATE ON order_events FOR EACH ROW EXECUTE FUNCTION guard_order_event()",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
