"""Refunds, the ledger that follows from what payments and refunds come to, and when each is looked at again."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # When the service goes on with a payment by itself; NULL: there is nothing more to do.
    """
    ALTER TABLE payments ADD COLUMN next_check_at timestamptz DEFAULT now() + interval '30 seconds',
        ADD COLUMN checks integer NOT NULL DEFAULT 0
    """,
    "CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL",
    """
    CREATE TABLE refunds (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        payment_id uuid NOT NULL CONSTRAINT refunds_payment_id_fkey REFERENCES payments,
        amount_minor bigint NOT NULL CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0),
        currency char(3) NOT NULL,
        reason text NOT NULL CONSTRAINT refunds_reason_known CHECK (reason IN (
            'CUSTOMER_REQUEST', 'DUPLICATE', 'FRAUDULENT', 'ORDER_CANCELLED', 'PRODUCT_UNAVAILABLE', 'OTHER')),
        note text,
        requested_by uuid,
        status text NOT NULL DEFAULT 'PENDING'
            CONSTRAINT refunds_status_known CHECK (status IN ('PENDING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        gateway_reference text,
        created_at timestamptz NOT NULL DEFAULT now(),
        completed_at timestamptz,
        next_try_at timestamptz DEFAULT now() + interval '30 seconds',
        tries integer NOT NULL DEFAULT 0,
        CONSTRAINT refunds_completed_if_over CHECK ((status = 'PENDING') = (completed_at IS NULL))
    )
    """,
    "CREATE INDEX refunds_by_payment ON refunds (payment_id, id)",
    "CREATE INDEX refunds_due ON refunds (next_try_at) WHERE next_try_at IS NOT NULL",
    # However many ask at once: no more is given back than came. The payment's row is the lock.
    """
    CREATE FUNCTION guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE paid payments;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (NEW.id, NEW.payment_id, NEW.amount_minor, NEW.currency, NEW.reason, NEW.requested_by, NEW.created_at)
                IS DISTINCT FROM
                (OLD.id, OLD.payment_id, OLD.amount_minor, OLD.currency, OLD.reason, OLD.requested_by, OLD.created_at)
            THEN
                RAISE EXCEPTION 'what a refund is of cannot change' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.status <> OLD.status AND OLD.status <> 'PENDING' THEN
                RAISE EXCEPTION 'a refund cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END IF;
        SELECT * INTO paid FROM payments WHERE id = NEW.payment_id FOR UPDATE;
        IF NEW.status <> 'PENDING' OR NEW.currency <> paid.currency
            OR paid.status NOT IN ('SUCCEEDED', 'PARTIALLY_REFUNDED') THEN
            RAISE EXCEPTION 'only money that is here can be given back' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.amount_minor + (SELECT coalesce(sum(amount_minor), 0) FROM refunds
                WHERE payment_id = NEW.payment_id AND status IN ('PENDING', 'SUCCEEDED')) > paid.amount_minor THEN
            RAISE EXCEPTION 'more would be given back than came' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER refunds_guard BEFORE INSERT OR UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION guard_refund()",
    """
    ALTER TABLE idempotency_keys
        ADD COLUMN refund_id uuid CONSTRAINT idempotency_keys_refund_id_fkey REFERENCES refunds
    """,
    # Double entry: what comes or goes at the gateway comes or goes in sales; each booking is of one payment or refund.
    """
    CREATE TABLE ledger_entries (
        booking_id uuid NOT NULL,
        account text NOT NULL,
        currency char(3) NOT NULL,
        amount_minor bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (booking_id, account)
    )
    """,
    """
    CREATE FUNCTION book(booking uuid, gateway text, money char(3), minor bigint) RETURNS void LANGUAGE sql AS $$
        INSERT INTO ledger_entries (booking_id, account, currency, amount_minor)
        SELECT booking, side.account, money, side.amount
        FROM (VALUES ('gateway:' || gateway, minor), ('sales', -minor)) AS side (account, amount) WHERE minor <> 0
    $$
    """,
    """
    CREATE FUNCTION book_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM book(NEW.id, NEW.gateway, NEW.currency, NEW.amount_minor);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER payments_booked AFTER UPDATE ON payments FOR EACH ROW
    WHEN (OLD.verified_at IS NULL AND NEW.verified_at IS NOT NULL) EXECUTE FUNCTION book_payment()
    """,
    """
    CREATE FUNCTION book_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM book(NEW.id, payments.gateway, NEW.currency, -NEW.amount_minor) FROM payments WHERE id = NEW.payment_id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER refunds_booked AFTER UPDATE ON refunds FOR EACH ROW
    WHEN (OLD.status = 'PENDING' AND NEW.status = 'SUCCEEDED') EXECUTE FUNCTION book_refund()
    """,
    """
    CREATE FUNCTION check_booking() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT sum(amount_minor) FROM ledger_entries WHERE booking_id = NEW.booking_id) <> 0 THEN
            RAISE EXCEPTION 'a booking has two sides that are equal' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_booking()
    """,
    """
    CREATE TRIGGER ledger_entries_frozen BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    # What came and went before there was a ledger.
    """
    SELECT book(id, gateway, currency, amount_minor) FROM payments WHERE verified_at IS NOT NULL
    """,
    "UPDATE payments SET next_check_at = now() WHERE status IN ('PENDING', 'REQUIRES_ACTION', 'PROCESSING', 'SUCCEEDED')",
    """
    UPDATE payments SET next_check_at = NULL
    WHERE status NOT IN ('PENDING', 'REQUIRES_ACTION', 'PROCESSING', 'SUCCEEDED')
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
