"""Reviews with the ratings that they add up to, wishes, and what products cost before."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE reviews (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        product_id uuid NOT NULL CONSTRAINT reviews_product_id_fkey REFERENCES products,
        author_id uuid NOT NULL,
        rating integer NOT NULL CONSTRAINT reviews_rating_in_bounds CHECK (rating BETWEEN 1 AND 5),
        title text CONSTRAINT reviews_title_length CHECK (length(title) <= 120),
        body text CONSTRAINT reviews_body_length CHECK (length(body) <= 5000),
        status text NOT NULL DEFAULT 'PUBLISHED'
            CONSTRAINT reviews_status_known CHECK (status IN ('PENDING', 'PUBLISHED', 'REJECTED')),
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT reviews_one_per_author UNIQUE (product_id, author_id)
    )
    """,
    "CREATE INDEX reviews_by_product ON reviews (product_id, status, created_at, id)",
    "CREATE INDEX reviews_by_rating ON reviews (product_id, status, rating, id)",
    "CREATE INDEX reviews_by_author ON reviews (author_id, status, created_at, id)",
    """
    CREATE TABLE product_ratings (
        product_id uuid PRIMARY KEY CONSTRAINT product_ratings_product_id_fkey REFERENCES products,
        counts integer[] NOT NULL DEFAULT '{0,0,0,0,0}'
            CONSTRAINT product_ratings_counts_form CHECK (cardinality(counts) = 5 AND 0 <= ALL (counts))
    )
    """,
    # The ratings are what the published reviews add up to, whoever changes these and however many at once.
    """
    CREATE FUNCTION count_rating(product uuid, stars integer, step integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO product_ratings (product_id) VALUES (product) ON CONFLICT DO NOTHING;
        UPDATE product_ratings SET counts[stars] = counts[stars] + step WHERE product_id = product;
    END $$
    """,
    """
    CREATE FUNCTION count_review() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.status = 'PUBLISHED' THEN
            PERFORM count_rating(OLD.product_id, OLD.rating, -1);
        END IF;
        IF TG_OP <> 'DELETE' AND NEW.status = 'PUBLISHED' THEN
            PERFORM count_rating(NEW.product_id, NEW.rating, 1);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER reviews_counted AFTER INSERT OR UPDATE OR DELETE ON reviews
    FOR EACH ROW EXECUTE FUNCTION count_review()
    """,
    """
    CREATE TABLE wishes (
        user_id uuid NOT NULL,
        product_id uuid NOT NULL CONSTRAINT wishes_product_id_fkey REFERENCES products,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, product_id)
    )
    """,
    "CREATE INDEX wishes_by_user ON wishes (user_id, created_at, product_id)",
    """
    CREATE TABLE price_points (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        product_id uuid NOT NULL CONSTRAINT price_points_product_id_fkey REFERENCES products,
        price_minor bigint NOT NULL,
        currency char(3) NOT NULL,
        since timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX price_points_by_product ON price_points (product_id, since, id)",
    """
    CREATE FUNCTION note_price() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' OR (NEW.price_minor, NEW.currency) IS DISTINCT FROM (OLD.price_minor, OLD.currency) THEN
            INSERT INTO price_points (product_id, price_minor, currency) VALUES (NEW.id, NEW.price_minor, NEW.currency);
        END IF;
        RETURN NULL;
    END $$
    """,
    "INSERT INTO price_points (product_id, price_minor, currency, since) SELECT id, price_minor, currency, created_at FROM products",
    """
    CREATE TRIGGER products_price_noted AFTER INSERT OR UPDATE ON products
    FOR EACH ROW EXECUTE FUNCTION note_price()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
