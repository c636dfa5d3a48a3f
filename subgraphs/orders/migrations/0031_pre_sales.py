"""How many of each product were sold, for whoever keeps a copy of it."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE product_sales (
        product_id uuid PRIMARY KEY,
        units bigint NOT NULL,
        version bigint NOT NULL CONSTRAINT product_sales_version_key UNIQUE
    )
    """,
    # Up to which change sales were counted, and the last version that was given.
    """
    CREATE TABLE product_sales_head (
        is_the_head boolean PRIMARY KEY DEFAULT true CONSTRAINT product_sales_head_is_one CHECK (is_the_head),
        position bigint NOT NULL,
        version bigint NOT NULL
    )
    """,
    # What is already in `changes` is counted from there; all that was sold before it, here.
    """
    INSERT INTO product_sales (product_id, units, version)
    SELECT product_id, units, row_number() OVER (ORDER BY product_id) FROM (
        SELECT product_id, sum(quantity) AS units
        FROM orders JOIN order_lines ON order_lines.order_id = orders.id
        WHERE status IN ('PAID', 'PROCESSING', 'COMPLETED')
            AND orders.id NOT IN (SELECT subject FROM changes)
        GROUP BY product_id
    ) AS sold
    """,
    """
    INSERT INTO product_sales_head (position, version)
    SELECT 0, coalesce(max(version), 0) FROM product_sales
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
