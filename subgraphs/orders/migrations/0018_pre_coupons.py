"""Coupons: what they take off, for how long and how often; a use is given back when its order is cancelled."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE coupons (
        code text PRIMARY KEY CONSTRAINT coupons_code_form CHECK (code ~ '^[A-Z0-9-]{3,32}$'),
        percent integer CONSTRAINT coupons_percent_in_bounds CHECK (percent BETWEEN 1 AND 100),
        amount_minor bigint CONSTRAINT coupons_amount_positive CHECK (amount_minor > 0),
        currency char(3) CONSTRAINT coupons_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
        valid_from timestamptz NOT NULL DEFAULT now(),
        valid_until timestamptz,
        uses_max integer CONSTRAINT coupons_uses_max_positive CHECK (uses_max > 0),
        uses integer NOT NULL DEFAULT 0,
        CONSTRAINT coupons_one_kind CHECK ((percent IS NULL) <> (amount_minor IS NULL)),
        CONSTRAINT coupons_amount_whole CHECK ((amount_minor IS NULL) = (currency IS NULL)),
        CONSTRAINT coupons_uses_in_bounds CHECK (uses >= 0 AND (uses_max IS NULL OR uses <= uses_max))
    )
    """,
    """
    CREATE TABLE coupon_uses (
        code text NOT NULL CONSTRAINT coupon_uses_code_fkey REFERENCES coupons,
        customer_id uuid NOT NULL,
        order_id uuid NOT NULL CONSTRAINT coupon_uses_order_id_key UNIQUE
            CONSTRAINT coupon_uses_order_id_fkey REFERENCES orders,
        PRIMARY KEY (code, customer_id)
    )
    """,
    # Beside the one that frees stock, before it, and like it once a statement and in one order of rows.
    """
    CREATE FUNCTION free_coupons() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ended uuid[] := ARRAY(
            SELECT id FROM after JOIN before USING (id)
            WHERE after.status = 'CANCELLED' AND before.status <> 'CANCELLED' AND after.discount_minor > 0);
    BEGIN
        IF cardinality(ended) = 0 THEN
            RETURN NULL;
        END IF;
        PERFORM FROM coupons WHERE code IN (SELECT code FROM coupon_uses WHERE order_id = ANY (ended))
            ORDER BY code FOR UPDATE;
        WITH freed AS (DELETE FROM coupon_uses WHERE order_id = ANY (ended) RETURNING code)
        UPDATE coupons SET uses = uses - counted.number
        FROM (SELECT code, count(*) AS number FROM freed GROUP BY code) AS counted
        WHERE coupons.code = counted.code;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER orders_free_coupons AFTER UPDATE ON orders REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION free_coupons()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
