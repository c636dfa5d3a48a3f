"""A payment begins pending, tells when its money came, and learns only once what its order said."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE OR REPLACE FUNCTION guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
            ('PENDING', 'REQUIRES_ACTION'), ('PENDING', 'PROCESSING'), ('PENDING', 'SUCCEEDED'), ('PENDING', 'FAILED'),
            ('PENDING', 'CANCELLED'), ('PENDING', 'EXPIRED'), ('REQUIRES_ACTION', 'PROCESSING'),
            ('REQUIRES_ACTION', 'SUCCEEDED'), ('REQUIRES_ACTION', 'FAILED'), ('REQUIRES_ACTION', 'CANCELLED'),
            ('REQUIRES_ACTION', 'EXPIRED'), ('PROCESSING', 'SUCCEEDED'), ('PROCESSING', 'FAILED'),
            ('PROCESSING', 'CANCELLED'), ('PROCESSING', 'EXPIRED'), ('SUCCEEDED', 'PARTIALLY_REFUNDED'),
            ('SUCCEEDED', 'REFUNDED'), ('PARTIALLY_REFUNDED', 'REFUNDED'), ('CANCELLED', 'SUCCEEDED'),
            ('EXPIRED', 'SUCCEEDED')
        ) THEN
            RAISE EXCEPTION 'a payment cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
        END IF;
        IF (NEW.id, NEW.order_id, NEW.order_number, NEW.payer_id, NEW.amount_minor, NEW.currency, NEW.reference,
                NEW.method, NEW.gateway, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.order_id, OLD.order_number, OLD.payer_id, OLD.amount_minor, OLD.currency,
                OLD.reference, OLD.method, OLD.gateway, OLD.created_at) THEN
            RAISE EXCEPTION 'what a payment is for cannot change' USING ERRCODE = 'check_violation';
        END IF;
        IF OLD.order_outcome IS NOT NULL AND NEW.order_outcome IS DISTINCT FROM OLD.order_outcome THEN
            RAISE EXCEPTION 'what orders said stays' USING ERRCODE = 'check_violation';
        END IF;
        NEW.updated_at := now();
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION guard_new_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a payment begins PENDING, not %', NEW.status USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER payments_begin_pending BEFORE INSERT ON payments FOR EACH ROW WHEN (NEW.status <> 'PENDING')
    EXECUTE FUNCTION guard_new_payment()
    """,
    """
    ALTER TABLE payments
        ADD CONSTRAINT payments_verified_if_paid CHECK (
            (status IN ('SUCCEEDED', 'PARTIALLY_REFUNDED', 'REFUNDED')) = (verified_at IS NOT NULL)),
        ADD CONSTRAINT payments_outcome_only_if_paid CHECK (order_outcome IS NULL OR verified_at IS NOT NULL)
    """,
    """
    CREATE TRIGGER payment_attempts_frozen BEFORE UPDATE OR DELETE ON payment_attempts
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
