"""Licences of what was paid, and what payments has to be told."""

from alembic import op

from subgraphs.common.ddl import OUTBOX_1

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # One licence a line, so paying twice issues once; it may be used in as many places as were ordered.
    """
    CREATE TABLE licenses (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        line_id uuid NOT NULL CONSTRAINT licenses_line_id_key UNIQUE
            CONSTRAINT licenses_line_id_fkey REFERENCES order_lines,
        order_id uuid NOT NULL CONSTRAINT licenses_order_id_fkey REFERENCES orders,
        customer_id uuid NOT NULL,
        product_id uuid NOT NULL,
        key text NOT NULL CONSTRAINT licenses_key_key UNIQUE,
        status text NOT NULL DEFAULT 'ACTIVE'
            CONSTRAINT licenses_status_known CHECK (status IN ('ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED')),
        activation_limit integer NOT NULL CONSTRAINT licenses_limit_positive CHECK (activation_limit > 0),
        activation_count integer NOT NULL DEFAULT 0,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT licenses_activations_in_bounds CHECK (activation_count BETWEEN 0 AND activation_limit)
    )
    """,
    "CREATE INDEX licenses_by_order ON licenses (order_id)",
    "CREATE INDEX licenses_by_customer ON licenses (customer_id, created_at, id)",
    """
    CREATE FUNCTION guard_license() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
            ('ACTIVE', 'SUSPENDED'), ('SUSPENDED', 'ACTIVE'), ('ACTIVE', 'REVOKED'), ('SUSPENDED', 'REVOKED'),
            ('ACTIVE', 'EXPIRED')
        ) THEN
            RAISE EXCEPTION 'a licence cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
        END IF;
        IF (NEW.id, NEW.line_id, NEW.order_id, NEW.customer_id, NEW.product_id, NEW.key, NEW.activation_limit)
            IS DISTINCT FROM (OLD.id, OLD.line_id, OLD.order_id, OLD.customer_id, OLD.product_id, OLD.key,
                OLD.activation_limit) THEN
            RAISE EXCEPTION 'what a licence is for cannot change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER licenses_guard BEFORE UPDATE ON licenses FOR EACH ROW EXECUTE FUNCTION guard_license()",
    """
    CREATE TABLE license_activations (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        license_id uuid NOT NULL CONSTRAINT license_activations_license_id_fkey REFERENCES licenses,
        label text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX license_activations_by_license ON license_activations (license_id, id)",
    # Orders that were paid before there were licences.
    """
    INSERT INTO licenses (line_id, order_id, customer_id, product_id, key, activation_limit)
    SELECT order_lines.id, orders.id, customer_id, product_id,
        upper(regexp_replace(replace(gen_random_uuid()::text, '-', ''), '(.{8})(?!$)', '\\1-', 'g')), quantity
    FROM orders JOIN order_lines ON order_lines.order_id = orders.id
    WHERE status IN ('PAID', 'PROCESSING', 'COMPLETED')
    """,
    *OUTBOX_1,
    "CREATE INDEX orders_past_deadline ON orders (payment_deadline) WHERE status = 'PENDING'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
