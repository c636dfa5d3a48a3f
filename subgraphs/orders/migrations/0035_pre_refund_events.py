"""An event tells which refund it is of, and a refund has one event."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # An event of the system is never changed, so neither is whose refund it tells of.
    """
    ALTER TABLE order_events ADD COLUMN refund_id uuid,
        ADD CONSTRAINT order_events_refund_by_system CHECK (refund_id IS NULL OR actor_type = 'SYSTEM')
    """,
    "CREATE UNIQUE INDEX order_events_refund_key ON order_events (refund_id) WHERE refund_id IS NOT NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
