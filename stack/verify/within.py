"""What must hold within one database, as queries whose rows are what is wrong: a text each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A sentence that must be true of a database, and the query that gives what it is not true of."""

    database: str
    sentence: str
    query: str


CHECKS = (
    Check(
        "orders",
        "each order begins with one event, CREATED as PENDING",
        """
        SELECT number FROM orders LEFT JOIN order_events ON order_id = orders.id AND from_status IS NULL
        GROUP BY orders.id
        HAVING count(order_events.id) <> 1 OR min(type) <> 'CREATED' OR min(to_status) <> 'PENDING'
        """,
    ),
    Check(
        "orders",
        "each event begins where the one before it ended, and moves as the machine allows",
        """
        WITH told AS (
            SELECT order_id, sequence, from_status, to_status,
                lag(to_status) OVER (PARTITION BY order_id ORDER BY sequence) AS before
            FROM order_events
        )
        SELECT order_id || ' event ' || sequence FROM told WHERE from_status IS DISTINCT FROM before
            OR (from_status <> to_status AND (from_status, to_status) NOT IN (
                VALUES ('PENDING', 'PAID'), ('PENDING', 'CANCELLED'), ('PAID', 'PROCESSING'), ('PAID', 'REFUNDED'),
                    ('PROCESSING', 'COMPLETED'), ('PROCESSING', 'REFUNDED'), ('COMPLETED', 'REFUNDED')))
        """,
    ),
    Check(
        "orders",
        "the last event of an order tells the status that it has",
        """
        SELECT number FROM orders WHERE status IS DISTINCT FROM (
            SELECT to_status FROM order_events WHERE order_id = orders.id ORDER BY sequence DESC LIMIT 1)
        """,
    ),
    Check(
        "orders",
        "the lines of an order add up to what it costs",
        """
        SELECT number FROM orders LEFT JOIN order_lines ON order_id = orders.id GROUP BY orders.id
        HAVING coalesce(sum(order_lines.total_minor), -1) <> subtotal_minor
            OR orders.total_minor <> subtotal_minor - discount_minor + tax_minor
        """,
    ),
    Check(
        "orders",
        "each line of an order that was paid has one licence, for as many places as were ordered, and no other has any",
        """
        SELECT number FROM orders JOIN order_lines ON order_lines.order_id = orders.id
        LEFT JOIN licenses ON line_id = order_lines.id
        WHERE (orders.status IN ('PENDING', 'CANCELLED')) <> (licenses.id IS NULL)
            OR activation_limit <> quantity OR licenses.product_id <> order_lines.product_id
            OR licenses.customer_id <> orders.customer_id OR licenses.order_id <> orders.id
        """,
    ),
    Check(
        "orders",
        "an order that went back whole leaves no licence, and licences end otherwise only by an event or with their holder",
        """
        SELECT number FROM orders JOIN licenses ON order_id = orders.id
        WHERE (orders.status = 'REFUNDED' AND licenses.status <> 'REVOKED')
            OR (orders.status <> 'REFUNDED' AND licenses.status = 'REVOKED' AND NOT EXISTS (
                SELECT FROM order_events WHERE order_id = orders.id AND type = 'LICENSE_REVOKED'
                UNION ALL SELECT FROM erased_customers WHERE customer_id = orders.customer_id))
        """,
    ),
    Check(
        "orders",
        "an order is refunded when, and only when, all of it went back",
        "SELECT number FROM orders WHERE (status = 'REFUNDED') <> (refunded_minor = total_minor AND refunded_minor > 0)",
    ),
    Check(
        "orders",
        "a licence counts the places where it is used",
        """
        SELECT licenses.id::text FROM licenses LEFT JOIN license_activations ON license_id = licenses.id
        GROUP BY licenses.id HAVING count(license_activations.id) <> activation_count
        """,
    ),
    Check(
        "payments",
        "each event begins where the one before it ended, and the last one tells the status that the payment has",
        """
        WITH told AS (
            SELECT payment_id, id, from_status, to_status,
                lag(to_status) OVER events AS before, lead(id) OVER events AS next
            FROM payment_events WINDOW events AS (PARTITION BY payment_id ORDER BY id)
        )
        SELECT reference FROM payments LEFT JOIN told ON payment_id = payments.id
        WHERE told.id IS NULL OR from_status IS DISTINCT FROM before OR (next IS NULL AND to_status <> status)
        """,
    ),
    Check(
        "payments",
        "each posting of the ledger adds up to zero, and so does the whole of it",
        """
        SELECT posting FROM ledger_entries GROUP BY posting, currency HAVING sum(amount_minor) <> 0
        UNION ALL SELECT 'all of ' || currency FROM ledger_entries GROUP BY currency HAVING sum(amount_minor) <> 0
        """,
    ),
    Check(
        "payments",
        "money that came is in the ledger as captured, and no other",
        """
        SELECT reference FROM payments
        LEFT JOIN ledger_entries ON posting = 'capture:' || payments.id AND account = 'GATEWAY'
        WHERE coalesce(ledger_entries.amount_minor, 0)
            <> CASE WHEN verified_at IS NULL THEN 0 ELSE payments.amount_minor END
        """,
    ),
    Check(
        "payments",
        "what has paid an order is in the ledger as sold, and no other",
        """
        SELECT reference FROM payments
        LEFT JOIN ledger_entries ON posting = 'sale:' || payments.id AND account = 'SALES'
        WHERE coalesce(-ledger_entries.amount_minor, 0)
            <> CASE WHEN order_outcome IN ('ACCEPTED', 'ALREADY') THEN payments.amount_minor ELSE 0 END
        """,
    ),
    Check(
        "payments",
        "each refund that succeeded is in the ledger, and no other",
        """
        SELECT refunds.id::text FROM refunds
        LEFT JOIN ledger_entries ON posting = 'refund:' || refunds.id AND account = 'GATEWAY'
        WHERE coalesce(-ledger_entries.amount_minor, 0)
            <> CASE WHEN refunds.status = 'SUCCEEDED' THEN refunds.amount_minor ELSE 0 END
        """,
    ),
    Check(
        "payments",
        "the refunds of a payment are what it says went back, and what is on its way",
        """
        SELECT reference FROM payments LEFT JOIN refunds ON payment_id = payments.id GROUP BY payments.id
        HAVING coalesce(sum(refunds.amount_minor) FILTER (WHERE refunds.status = 'SUCCEEDED'), 0) <> refunded_minor
            OR coalesce(sum(refunds.amount_minor) FILTER (WHERE refunds.status IN ('SUCCEEDED', 'PENDING')), 0)
                <> refunding_minor
            OR (payments.status = 'REFUNDED') <> (refunded_minor = payments.amount_minor AND refunded_minor > 0)
            OR (payments.status = 'PARTIALLY_REFUNDED')
                <> (refunded_minor > 0 AND refunded_minor < payments.amount_minor)
        """,
    ),
    Check(
        "payments",
        "a payment that is under way is taken further by somebody",
        """
        SELECT reference FROM payments WHERE next_try_at IS NULL
            AND (status IN ('PENDING', 'REQUIRES_ACTION', 'PROCESSING') OR (status = 'SUCCEEDED' AND order_outcome IS NULL))
        """,
    ),
    Check(
        "orders",
        "what was counted as sold is what the orders that were paid hold",
        """
        SELECT product_id::text FROM (
            SELECT product_id, sum(quantity) AS units FROM order_lines JOIN orders ON orders.id = order_id
            WHERE status IN ('PAID', 'PROCESSING', 'COMPLETED') GROUP BY product_id
        ) AS sold FULL JOIN product_sales USING (product_id)
        WHERE coalesce(sold.units, 0) <> coalesce(product_sales.units, 0) AND NOT EXISTS (
            SELECT FROM changes, product_sales_head
            WHERE changes.position IS NULL OR changes.position > product_sales_head.position)
        """,
    ),
    Check(
        "products",
        "the ratings are what the published reviews add up to",
        """
        WITH counted AS (
            SELECT product_id, array_agg(reviews ORDER BY stars) AS counts FROM (
                SELECT products.id AS product_id, stars, count(reviews.id)::integer AS reviews
                FROM products CROSS JOIN generate_series(1, 5) AS stars
                LEFT JOIN reviews ON product_id = products.id AND rating = stars AND reviews.status = 'PUBLISHED'
                GROUP BY products.id, stars) each
            GROUP BY product_id
        )
        SELECT slug FROM products JOIN counted ON product_id = products.id WHERE counts <> rating_counts
        """,
    ),
    Check(
        "products",
        "a product costs what the last of its prices says",
        """
        SELECT slug FROM products WHERE ROW(price_minor, currency) IS DISTINCT FROM (
            SELECT ROW(price_minor, currency) FROM price_points
            WHERE product_id = products.id ORDER BY since DESC, price_points.id DESC LIMIT 1)
        """,
    ),
)
