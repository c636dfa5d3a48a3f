"""Payments go on by themselves, money goes back, and a ledger that always adds up to zero follows it."""

from alembic import op

from subgraphs.common.ddl import OUTBOX_1

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # A payment with a `next_try_at` is a workflow: whoever takes it moves the time ahead and goes on with it.
    """
    ALTER TABLE payments
        ADD COLUMN next_try_at timestamptz,
        ADD COLUMN tries integer NOT NULL DEFAULT 0,
        ADD COLUMN cancel_requested_at timestamptz,
        ADD COLUMN is_late boolean NOT NULL DEFAULT false,
        ADD COLUMN refunding_minor bigint NOT NULL DEFAULT 0,
        ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT payments_refunds_in_bounds CHECK (
            0 <= refunded_minor AND refunded_minor <= refunding_minor AND refunding_minor <= amount_minor)
    """,
    """
    UPDATE payments SET next_try_at = now()
    WHERE status IN ('PENDING', 'REQUIRES_ACTION', 'PROCESSING') OR (status = 'SUCCEEDED' AND order_outcome IS NULL)
    """,
    "CREATE INDEX payments_due ON payments (next_try_at) WHERE next_try_at IS NOT NULL",
    # Money that comes after its payment was given up has a place beside the payment that runs by then.
    "DROP INDEX payments_one_running_per_order",
    """
    CREATE UNIQUE INDEX payments_one_running_per_order ON payments (order_id)
    WHERE status IN ('PENDING', 'REQUIRES_ACTION', 'PROCESSING', 'SUCCEEDED', 'PARTIALLY_REFUNDED') AND NOT is_late
    """,
    """
    CREATE TABLE refunds (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        payment_id uuid NOT NULL CONSTRAINT refunds_payment_id_fkey REFERENCES payments,
        amount_minor bigint NOT NULL CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0),
        reason text NOT NULL CONSTRAINT refunds_reason_known CHECK (reason IN (
            'CUSTOMER_REQUEST', 'DUPLICATE', 'FRAUDULENT', 'ORDER_CANCELLED', 'PRODUCT_UNAVAILABLE', 'OTHER')),
        note text,
        requested_by uuid,
        status text NOT NULL DEFAULT 'PENDING' CONSTRAINT refunds_status_known CHECK (
            status IN ('PENDING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        next_try_at timestamptz NOT NULL DEFAULT now(),
        tries integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        completed_at timestamptz,
        CONSTRAINT refunds_completed_if_over CHECK ((status = 'PENDING') = (completed_at IS NULL))
    )
    """,
    "CREATE INDEX refunds_by_payment ON refunds (payment_id, id)",
    "CREATE INDEX refunds_due ON refunds (next_try_at) WHERE status = 'PENDING'",
    """
    CREATE FUNCTION guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.status IS DISTINCT FROM OLD.status AND OLD.status <> 'PENDING' THEN
            RAISE EXCEPTION 'a refund cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
        END IF;
        IF (NEW.id, NEW.payment_id, NEW.amount_minor, NEW.reason, NEW.requested_by, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.payment_id, OLD.amount_minor, OLD.reason, OLD.requested_by, OLD.created_at) THEN
            RAISE EXCEPTION 'what a refund is for cannot change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER refunds_guard BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION guard_refund()",
    "ALTER TABLE idempotency_keys ADD COLUMN refund_id uuid CONSTRAINT idempotency_keys_refund_id_fkey REFERENCES refunds",
    # Each posting is two entries or more that add up to zero, written at once and for good.
    """
    CREATE TABLE ledger_entries (
        posting text NOT NULL,
        account text NOT NULL CONSTRAINT ledger_entries_account_known CHECK (account IN ('GATEWAY', 'OWED', 'SALES')),
        amount_minor bigint NOT NULL,
        currency char(3) NOT NULL,
        payment_id uuid NOT NULL CONSTRAINT ledger_entries_payment_id_fkey REFERENCES payments,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (posting, account)
    )
    """,
    "CREATE INDEX ledger_entries_by_payment ON ledger_entries (payment_id)",
    """
    CREATE FUNCTION check_posting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM ledger_entries WHERE posting = NEW.posting GROUP BY currency HAVING sum(amount_minor) <> 0
        ) THEN
            RAISE EXCEPTION 'the posting % does not add up to zero', NEW.posting USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_entries_add_up AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_posting()
    """,
    """
    CREATE TRIGGER ledger_entries_frozen BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    # Money that was owed back before it could go.
    """
    UPDATE payments SET refunding_minor = amount_minor WHERE status = 'SUCCEEDED' AND order_outcome = 'REJECTED'
    """,
    """
    INSERT INTO refunds (payment_id, amount_minor, reason)
    SELECT id, amount_minor, 'ORDER_CANCELLED' FROM payments
    WHERE status = 'SUCCEEDED' AND order_outcome = 'REJECTED' AND amount_minor > 0
    """,
    # Money that was here before the ledger was.
    """
    INSERT INTO ledger_entries (posting, account, amount_minor, currency, payment_id)
    SELECT 'capture:' || id, account, sign * amount_minor, currency, id
    FROM payments, (VALUES ('GATEWAY', 1), ('OWED', -1)) AS side (account, sign) WHERE status = 'SUCCEEDED'
    """,
    """
    INSERT INTO ledger_entries (posting, account, amount_minor, currency, payment_id)
    SELECT 'sale:' || id, account, sign * amount_minor, currency, id
    FROM payments, (VALUES ('OWED', 1), ('SALES', -1)) AS side (account, sign)
    WHERE status = 'SUCCEEDED' AND order_outcome IN ('ACCEPTED', 'ALREADY')
    """,
    """
    CREATE TABLE gateway_events (
        gateway text NOT NULL,
        event_id text NOT NULL,
        payment_id uuid,
        type text NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (gateway, event_id)
    )
    """,
    "CREATE INDEX gateway_events_by_time ON gateway_events (received_at)",
    *OUTBOX_1,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
