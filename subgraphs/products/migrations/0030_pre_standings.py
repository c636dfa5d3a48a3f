"""What products can be ranked by, their ratings and what was sold of them; and votes for reviews."""

from alembic import op

revision = "0030"
down_revision = "0013"
branch_labels = None
depends_on = None

_REVIEWS = "counts[1] + counts[2] + counts[3] + counts[4] + counts[5]"
_STARS = "counts[1] + 2 * counts[2] + 3 * counts[3] + 4 * counts[4] + 5 * counts[5]"

_STATEMENTS = (
    f"""
    ALTER TABLE product_ratings
        ADD COLUMN reviews integer NOT NULL GENERATED ALWAYS AS ({_REVIEWS}) STORED,
        ADD COLUMN average numeric(3, 2) NOT NULL GENERATED ALWAYS AS (
            CASE WHEN {_REVIEWS} = 0 THEN 0 ELSE round(({_STARS})::numeric / ({_REVIEWS}), 2) END) STORED
    """,
    # A copy of what orders knows; `version` tells which of two pieces of news is the newer one.
    """
    CREATE TABLE product_sales (
        product_id uuid PRIMARY KEY CONSTRAINT product_sales_product_id_fkey REFERENCES products,
        units bigint NOT NULL DEFAULT 0 CONSTRAINT product_sales_units_not_negative CHECK (units >= 0),
        version bigint NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE product_sales_heard (
        is_the_one boolean PRIMARY KEY DEFAULT true CONSTRAINT product_sales_heard_is_one CHECK (is_the_one),
        version bigint NOT NULL DEFAULT 0
    )
    """,
    "INSERT INTO product_sales_heard DEFAULT VALUES",
    # Every product has its place in each ranking, so that a list in that order is a walk along one index.
    """
    CREATE FUNCTION open_standings() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO product_ratings (product_id) SELECT id FROM added ON CONFLICT DO NOTHING;
        INSERT INTO product_sales (product_id) SELECT id FROM added ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER products_standings_opened AFTER INSERT ON products REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION open_standings()
    """,
    "INSERT INTO product_ratings (product_id) SELECT id FROM products ON CONFLICT DO NOTHING",
    "INSERT INTO product_sales (product_id) SELECT id FROM products ON CONFLICT DO NOTHING",
    "CREATE INDEX product_ratings_by_average ON product_ratings (average, reviews, product_id)",
    "CREATE INDEX product_sales_by_units ON product_sales (units, product_id)",
    """
    CREATE TABLE review_votes (
        review_id uuid NOT NULL CONSTRAINT review_votes_review_id_fkey REFERENCES reviews ON DELETE CASCADE,
        user_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (review_id, user_id)
    )
    """,
    "CREATE INDEX review_votes_by_user ON review_votes (user_id)",
    """
    ALTER TABLE reviews ADD COLUMN helpful_count integer NOT NULL DEFAULT 0
        CONSTRAINT reviews_helpful_not_negative CHECK (helpful_count >= 0)
    """,
    "CREATE INDEX reviews_by_helpful ON reviews (product_id, status, helpful_count, id)",
    """
    CREATE FUNCTION count_vote() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            UPDATE reviews SET helpful_count = helpful_count + 1 WHERE id = NEW.review_id;
        ELSE
            UPDATE reviews SET helpful_count = helpful_count - 1 WHERE id = OLD.review_id;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER review_votes_counted AFTER INSERT OR DELETE ON review_votes
    FOR EACH ROW EXECUTE FUNCTION count_vote()
    """,
    # A vote changes nothing of a rating.
    "DROP TRIGGER reviews_counted ON reviews",
    """
    CREATE TRIGGER reviews_counted AFTER INSERT OR DELETE OR UPDATE OF status, rating, product_id ON reviews
    FOR EACH ROW EXECUTE FUNCTION count_review()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
