"""A use of a coupon is given back also where rounding left nothing to take off."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


_STATEMENTS = (
    """
    CREATE OR REPLACE FUNCTION free_coupons() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ended uuid[] := ARRAY(
            SELECT id FROM after JOIN before USING (id)
            WHERE after.status = 'CANCELLED' AND before.status <> 'CANCELLED');
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
    WITH freed AS (
        DELETE FROM coupon_uses USING orders WHERE orders.id = order_id AND status = 'CANCELLED' RETURNING code
    )
    UPDATE coupons SET uses = uses - counted.number
    FROM (SELECT code, count(*) AS number FROM freed GROUP BY code) AS counted
    WHERE coupons.code = counted.code
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
