"""Profiles and the proof of erasures."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE TABLE profiles (
        id uuid PRIMARY KEY,
        full_name text NOT NULL,
        display_name text NOT NULL,
        phone text,
        address jsonb CONSTRAINT address_object CHECK (jsonb_typeof(address) = 'object'),
        avatar_url text,
        locale text NOT NULL DEFAULT 'en',
        email text NOT NULL,
        email_verified boolean NOT NULL,
        role text NOT NULL,
        status text NOT NULL,
        account_version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX profiles_created ON profiles (created_at, id)",
    "CREATE INDEX profiles_full_name ON profiles (lower(full_name), id)",
    "CREATE INDEX profiles_email ON profiles (email, id)",
    "CREATE INDEX profiles_search ON profiles USING gin (full_name gin_trgm_ops, email gin_trgm_ops)",
    """
    CREATE TABLE erasure_requests (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        user_id uuid NOT NULL UNIQUE,
        requested_by uuid NOT NULL,
        reason text,
        status text NOT NULL CONSTRAINT status_known
            CHECK (status IN ('SCHEDULED', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
        requested_at timestamptz NOT NULL DEFAULT now(),
        completed_at timestamptz,
        CONSTRAINT completed_at_given CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL))
    )
    """,
    """
    CREATE TABLE erasure_steps (
        request_id uuid NOT NULL REFERENCES erasure_requests (id),
        position integer NOT NULL DEFAULT 0,
        service text NOT NULL,
        done_at timestamptz,
        PRIMARY KEY (request_id, position)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("erasure_steps", "erasure_requests", "profiles"):
        op.execute(f"DROP TABLE {table}")
