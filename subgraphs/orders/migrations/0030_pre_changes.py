"""Changes of status, for those who subscribe to them."""

from alembic import op

from subgraphs.common.changes_ddl import CHANGES_1

revision = "0030"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATEMENTS = (
    *CHANGES_1,
    # The time of a change is taken when the row is held, so the times of one order's changes are in their order.
    """
    CREATE FUNCTION touch_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at + interval '1 microsecond');
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER orders_touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch_order()",
    """
    CREATE FUNCTION note_status_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO changes (id, subject, owner, at, data)
        SELECT added.id, added.order_id, orders.customer_id, orders.updated_at,
            jsonb_build_object('from', added.from_status, 'to', added.to_status, 'at', added.at)
        FROM added JOIN orders ON orders.id = added.order_id
        WHERE added.to_status IS DISTINCT FROM added.from_status
        ORDER BY added.sequence;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER order_events_told AFTER INSERT ON order_events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note_status_changes()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
