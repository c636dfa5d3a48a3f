"""Categories and products, with full-text and trigram search."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SLUG = "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80"

_STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    # unaccent() is STABLE, as its dictionary could be replaced; an index needs the promise that it is not.
    """
    CREATE FUNCTION plain_text(given text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(unaccent('unaccent', given))
    """,
    """
    CREATE FUNCTION searchable_text(name text, features text[], description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('english'::regconfig, plain_text(name)), 'A')
        || setweight(to_tsvector('english'::regconfig, plain_text(array_to_string(features, ' '))), 'B')
        || setweight(to_tsvector('english'::regconfig, plain_text(coalesce(description, ''))), 'C')
    """,
    f"""
    CREATE TABLE categories (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        slug text NOT NULL CONSTRAINT categories_slug_key UNIQUE CONSTRAINT categories_slug_form CHECK ({_SLUG}),
        name text NOT NULL CONSTRAINT categories_name_length CHECK (length(name) BETWEEN 1 AND 120),
        parent_id uuid CONSTRAINT categories_parent_id_fkey REFERENCES categories,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT categories_not_own_parent CHECK (parent_id <> id)
    )
    """,
    "CREATE INDEX categories_parent ON categories (parent_id, lower(name), id)",
    f"""
    CREATE TABLE products (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        slug text NOT NULL CONSTRAINT products_slug_key UNIQUE CONSTRAINT products_slug_form CHECK ({_SLUG}),
        name text NOT NULL CONSTRAINT products_name_length CHECK (length(name) BETWEEN 1 AND 120),
        description text CONSTRAINT products_description_length CHECK (length(description) <= 10000),
        category_id uuid NOT NULL CONSTRAINT products_category_id_fkey REFERENCES categories,
        price_minor bigint NOT NULL CONSTRAINT products_price_not_negative CHECK (price_minor >= 0),
        currency char(3) NOT NULL CONSTRAINT products_currency_form CHECK (currency ~ '^[A-Z]{{3}}$'),
        unit_cost_minor bigint CONSTRAINT products_unit_cost_not_negative CHECK (unit_cost_minor >= 0),
        unit_cost_currency char(3)
            CONSTRAINT products_unit_cost_currency_form CHECK (unit_cost_currency ~ '^[A-Z]{{3}}$'),
        features text[] NOT NULL DEFAULT '{{}}'
            CONSTRAINT products_features_number CHECK (cardinality(features) <= 50),
        attributes jsonb NOT NULL DEFAULT '{{}}'
            CONSTRAINT products_attributes_object CHECK (jsonb_typeof(attributes) = 'object'),
        status text NOT NULL DEFAULT 'DRAFT'
            CONSTRAINT products_status_known CHECK (status IN ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
        availability text NOT NULL DEFAULT 'AVAILABLE'
            CONSTRAINT products_availability_known CHECK (availability IN ('AVAILABLE', 'SOLD_OUT', 'COMING_SOON')),
        license_limit integer CONSTRAINT products_license_limit_positive CHECK (license_limit > 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        version integer NOT NULL DEFAULT 1 CONSTRAINT products_version_positive CHECK (version > 0),
        searchable tsvector GENERATED ALWAYS AS (searchable_text(name, features, description)) STORED,
        CONSTRAINT products_unit_cost_whole CHECK ((unit_cost_minor IS NULL) = (unit_cost_currency IS NULL))
    )
    """,
    # One index for each order that a client can ask for, so that a page is read and not sorted.
    "CREATE INDEX products_by_name ON products (status, lower(name), id)",
    "CREATE INDEX products_by_price ON products (status, currency, price_minor, id)",
    "CREATE INDEX products_by_created_at ON products (status, created_at, id)",
    "CREATE INDEX products_by_category ON products (category_id, status, lower(name), id)",
    "CREATE INDEX products_features ON products USING gin (features)",
    "CREATE INDEX products_searchable ON products USING gin (searchable)",
    "CREATE INDEX products_name_trigrams ON products USING gin (plain_text(name) gin_trgm_ops)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("products", "categories"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION searchable_text(text, text[], text)")
    op.execute("DROP FUNCTION plain_text(text)")
