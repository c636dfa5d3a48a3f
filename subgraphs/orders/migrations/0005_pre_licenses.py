"""Licences: one for each line of an order that was paid, and the devices that they are used on."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE licenses (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        line_id uuid NOT NULL CONSTRAINT licenses_line_id_key UNIQUE
            CONSTRAINT licenses_line_id_fkey REFERENCES order_lines,
        order_id uuid NOT NULL CONSTRAINT licenses_order_id_fkey REFERENCES orders,
        customer_id uuid NOT NULL,
        product_id uuid NOT NULL,
        key text NOT NULL CONSTRAINT licenses_key_key UNIQUE
            DEFAULT 'PAM-' || upper(replace(gen_random_uuid()::text, '-', '')),
        status text NOT NULL DEFAULT 'ACTIVE'
            CONSTRAINT licenses_status_known CHECK (status IN ('ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED')),
        activation_limit integer NOT NULL CONSTRAINT licenses_limit_positive CHECK (activation_limit > 0),
        expires_at timestamptz,
        revoked_reason text,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE license_activations (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        license_id uuid NOT NULL CONSTRAINT license_activations_license_id_fkey REFERENCES licenses,
        label text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT license_activations_label_key UNIQUE (license_id, label)
    )
    """,
    """
    CREATE FUNCTION guard_license() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.id, NEW.line_id, NEW.order_id, NEW.customer_id, NEW.product_id, NEW.key, NEW.created_at)
            IS DISTINCT FROM
            (OLD.id, OLD.line_id, OLD.order_id, OLD.customer_id, OLD.product_id, OLD.key, OLD.created_at) THEN
            RAISE EXCEPTION 'what a licence is for cannot change' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
            ('ACTIVE', 'SUSPENDED'), ('SUSPENDED', 'ACTIVE'), ('ACTIVE', 'REVOKED'), ('SUSPENDED', 'REVOKED'),
            ('ACTIVE', 'EXPIRED')
        ) THEN
            RAISE EXCEPTION 'a licence cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER licenses_guard BEFORE UPDATE ON licenses FOR EACH ROW EXECUTE FUNCTION guard_license()",
    # However many devices ask at once: no more than the limit. The licence's row is the lock.
    """
    CREATE FUNCTION guard_activation() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE held licenses;
    BEGIN
        SELECT * INTO held FROM licenses WHERE id = NEW.license_id FOR UPDATE;
        IF held.status <> 'ACTIVE' OR (SELECT count(*) FROM license_activations WHERE license_id = NEW.license_id)
            >= held.activation_limit THEN
            RAISE EXCEPTION 'the licence allows no further device' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER license_activations_guard BEFORE INSERT ON license_activations
    FOR EACH ROW EXECUTE FUNCTION guard_activation()
    """,
    "CREATE INDEX licenses_by_customer ON licenses (customer_id, created_at, id)",
    "CREATE INDEX licenses_by_owner ON licenses (customer_id, product_id) WHERE status = 'ACTIVE'",
    "CREATE INDEX licenses_by_order ON licenses (order_id, id)",
    # What was paid before there were licences.
    """
    INSERT INTO licenses (line_id, order_id, customer_id, product_id, activation_limit)
    SELECT order_lines.id, orders.id, orders.customer_id, order_lines.product_id, order_lines.quantity * 3
    FROM order_lines JOIN orders ON orders.id = order_lines.order_id
    WHERE orders.status IN ('PAID', 'PROCESSING', 'COMPLETED')
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
