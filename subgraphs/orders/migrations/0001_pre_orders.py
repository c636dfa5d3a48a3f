"""Orders, their lines and events, idempotency keys, and the state machine as a trigger."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATUSES = "'PENDING', 'PAID', 'PROCESSING', 'COMPLETED', 'CANCELLED', 'REFUNDED'"

_STATEMENTS = (
    "CREATE SEQUENCE order_numbers",
    f"""
    CREATE TABLE orders (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        number text NOT NULL CONSTRAINT orders_number_key UNIQUE
            DEFAULT 'PAM-' || to_char(now(), 'YYYY') || '-' || lpad(nextval('order_numbers')::text, 6, '0'),
        customer_id uuid NOT NULL,
        status text NOT NULL DEFAULT 'PENDING' CONSTRAINT orders_status_known CHECK (status IN ({_STATUSES})),
        cancel_reason text CONSTRAINT orders_cancel_reason_known CHECK (
            cancel_reason IN ('CUSTOMER', 'ADMIN', 'EXPIRED', 'PAYMENT_FAILED', 'OUT_OF_STOCK', 'FRAUD')),
        currency char(3) NOT NULL CONSTRAINT orders_currency_form CHECK (currency ~ '^[A-Z]{{3}}$'),
        subtotal_minor bigint NOT NULL CONSTRAINT orders_subtotal_not_negative CHECK (subtotal_minor >= 0),
        discount_minor bigint NOT NULL DEFAULT 0 CONSTRAINT orders_discount_not_negative CHECK (discount_minor >= 0),
        tax_minor bigint NOT NULL DEFAULT 0 CONSTRAINT orders_tax_not_negative CHECK (tax_minor >= 0),
        total_minor bigint NOT NULL CONSTRAINT orders_total_not_negative CHECK (total_minor >= 0),
        refunded_minor bigint NOT NULL DEFAULT 0,
        paid_by uuid,
        payment_deadline timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT orders_total_adds_up CHECK (total_minor = subtotal_minor - discount_minor + tax_minor),
        CONSTRAINT orders_refund_in_bounds CHECK (refunded_minor BETWEEN 0 AND total_minor),
        CONSTRAINT orders_reason_if_cancelled CHECK ((status = 'CANCELLED') = (cancel_reason IS NOT NULL)),
        CONSTRAINT orders_payer_if_paid CHECK (
            (status IN ('PENDING', 'CANCELLED')) = (paid_by IS NULL))
    )
    """,
    """
    CREATE TABLE order_lines (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        order_id uuid NOT NULL CONSTRAINT order_lines_order_id_fkey REFERENCES orders,
        position integer NOT NULL,
        product_id uuid NOT NULL,
        product_name text NOT NULL,
        unit_price_minor bigint NOT NULL CONSTRAINT order_lines_price_not_negative CHECK (unit_price_minor >= 0),
        quantity integer NOT NULL CONSTRAINT order_lines_quantity_in_bounds CHECK (quantity BETWEEN 1 AND 100),
        total_minor bigint NOT NULL,
        CONSTRAINT order_lines_total_adds_up CHECK (total_minor = unit_price_minor * quantity),
        CONSTRAINT order_lines_one_per_product UNIQUE (order_id, product_id),
        CONSTRAINT order_lines_position_key UNIQUE (order_id, position)
    )
    """,
    """
    CREATE TABLE order_events (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        sequence bigint GENERATED ALWAYS AS IDENTITY,
        order_id uuid NOT NULL CONSTRAINT order_events_order_id_fkey REFERENCES orders,
        at timestamptz NOT NULL DEFAULT now(),
        type text NOT NULL,
        from_status text,
        to_status text,
        actor_type text NOT NULL
            CONSTRAINT order_events_actor_type_known CHECK (actor_type IN ('CUSTOMER', 'ADMIN', 'SYSTEM')),
        actor_id uuid,
        message text
    )
    """,
    """
    CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL,
        operation text NOT NULL,
        key text NOT NULL,
        request_sha256 bytea NOT NULL,
        order_id uuid NOT NULL CONSTRAINT idempotency_keys_order_id_fkey REFERENCES orders,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, operation, key)
    )
    """,
    # A last line of defence: whatever code runs, an order moves only along the state machine.
    """
    CREATE FUNCTION guard_order_status() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
            ('PENDING', 'PAID'), ('PENDING', 'CANCELLED'), ('PAID', 'PROCESSING'), ('PAID', 'REFUNDED'),
            ('PROCESSING', 'COMPLETED'), ('PROCESSING', 'REFUNDED'), ('COMPLETED', 'REFUNDED')
        ) THEN
            RAISE EXCEPTION 'an order cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
        END IF;
        IF (NEW.customer_id, NEW.number, NEW.currency, NEW.total_minor, NEW.subtotal_minor)
            IS DISTINCT FROM (OLD.customer_id, OLD.number, OLD.currency, OLD.total_minor, OLD.subtotal_minor) THEN
            RAISE EXCEPTION 'what was ordered cannot change' USING ERRCODE = 'check_violation';
        END IF;
        NEW.updated_at := now();
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER orders_status_guard BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION guard_order_status()",
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is written once', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END $$
    """,
    "CREATE TRIGGER order_lines_frozen BEFORE UPDATE OR DELETE ON order_lines FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER order_events_frozen BEFORE UPDATE OR DELETE ON order_events FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE INDEX orders_by_customer ON orders (customer_id, created_at, id)",
    "CREATE INDEX orders_by_created_at ON orders (created_at, id)",
    "CREATE INDEX orders_by_total ON orders (total_minor, id)",
    "CREATE INDEX order_lines_by_product ON order_lines (product_id) INCLUDE (order_id, quantity)",
    "CREATE INDEX order_events_by_order ON order_events (order_id, sequence)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
