"""Payments, their attempts and events, idempotency keys, and the state machine as a trigger."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATUSES = (
    "'PENDING', 'REQUIRES_ACTION', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED', "
    "'PARTIALLY_REFUNDED', 'REFUNDED'"
)

_STATEMENTS = (
    f"""
    CREATE TABLE payments (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        reference text NOT NULL CONSTRAINT payments_reference_key UNIQUE
            DEFAULT 'PAY-' || upper(replace(uuidv7()::text, '-', '')),
        order_id uuid NOT NULL,
        order_number text NOT NULL,
        payer_id uuid NOT NULL,
        amount_minor bigint NOT NULL CONSTRAINT payments_amount_not_negative CHECK (amount_minor >= 0),
        currency char(3) NOT NULL CONSTRAINT payments_currency_form CHECK (currency ~ '^[A-Z]{{3}}$'),
        method text NOT NULL CONSTRAINT payments_method_known CHECK (
            method IN ('CREDIT_CARD', 'BANK_TRANSFER', 'E_WALLET', 'VIRTUAL_ACCOUNT')),
        gateway text NOT NULL,
        gateway_reference text,
        status text NOT NULL DEFAULT 'PENDING' CONSTRAINT payments_status_known CHECK (status IN ({_STATUSES})),
        next_action jsonb,
        failure jsonb,
        order_outcome text CONSTRAINT payments_order_outcome_known CHECK (
            order_outcome IN ('ACCEPTED', 'ALREADY', 'REJECTED')),
        return_url text,
        payment_token text,
        verified_at timestamptz,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    # Two tabs that pay one order get one payment.
    """
    CREATE UNIQUE INDEX payments_one_running_per_order ON payments (order_id)
    WHERE status IN ('PENDING', 'REQUIRES_ACTION', 'PROCESSING', 'SUCCEEDED', 'PARTIALLY_REFUNDED')
    """,
    """
    CREATE TABLE payment_attempts (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        payment_id uuid NOT NULL CONSTRAINT payment_attempts_payment_id_fkey REFERENCES payments,
        at timestamptz NOT NULL DEFAULT now(),
        gateway_reference text,
        outcome text NOT NULL
    )
    """,
    """
    CREATE TABLE payment_events (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        payment_id uuid NOT NULL CONSTRAINT payment_events_payment_id_fkey REFERENCES payments,
        at timestamptz NOT NULL DEFAULT now(),
        from_status text,
        to_status text NOT NULL,
        message text
    )
    """,
    """
    CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL,
        operation text NOT NULL,
        key text NOT NULL,
        request_sha256 bytea NOT NULL,
        payment_id uuid NOT NULL CONSTRAINT idempotency_keys_payment_id_fkey REFERENCES payments,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, operation, key)
    )
    """,
    # A last line of defence: whatever code runs, a payment moves only along the state machine.
    """
    CREATE FUNCTION guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
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
        IF (NEW.order_id, NEW.payer_id, NEW.amount_minor, NEW.currency, NEW.reference, NEW.method)
            IS DISTINCT FROM (OLD.order_id, OLD.payer_id, OLD.amount_minor, OLD.currency, OLD.reference, OLD.method) THEN
            RAISE EXCEPTION 'what a payment is for cannot change' USING ERRCODE = 'check_violation';
        END IF;
        NEW.updated_at := now();
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER payments_guard BEFORE UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION guard_payment()",
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is written once', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER payment_events_frozen BEFORE UPDATE OR DELETE ON payment_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    "CREATE INDEX payments_by_order ON payments (order_id, created_at, id)",
    "CREATE INDEX payments_by_payer ON payments (payer_id, created_at, id)",
    "CREATE INDEX payments_by_created_at ON payments (created_at, id)",
    "CREATE INDEX payment_attempts_by_payment ON payment_attempts (payment_id, id)",
    "CREATE INDEX payment_events_by_payment ON payment_events (payment_id, id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
