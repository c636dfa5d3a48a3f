"""Accounts, sessions and refresh tokens."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE accounts (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        email text NOT NULL CONSTRAINT email_normalized CHECK (email = lower(email)),
        email_verified boolean NOT NULL,
        password_hash text NOT NULL,
        full_name text NOT NULL,
        full_name_at timestamptz NOT NULL DEFAULT now(),
        role text NOT NULL DEFAULT 'USER' CONSTRAINT role_known CHECK (role IN ('USER', 'SUPPORT', 'ADMIN')),
        status text NOT NULL DEFAULT 'ACTIVE'
            CONSTRAINT status_known CHECK (status IN ('ACTIVE', 'LOCKED', 'DISABLED', 'DELETED')),
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX accounts_email_key ON accounts (lower(email))",
    """
    CREATE TABLE sessions (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoke_reason text CONSTRAINT revoke_reason_known
            CHECK (revoke_reason IN ('LOGOUT', 'PASSWORD_CHANGED', 'TOKEN_REUSED', 'ACCOUNT_CLOSED')),
        mfa_at timestamptz,
        ip text,
        user_agent text,
        CONSTRAINT revoke_reason_given CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
    )
    """,
    "CREATE INDEX sessions_account ON sessions (account_id, id)",
    "CREATE INDEX sessions_last_seen ON sessions (last_seen_at)",
    """
    CREATE TABLE refresh_tokens (
        token_hash bytea PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        issued_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    "CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id)",
    "CREATE UNIQUE INDEX refresh_tokens_one_live ON refresh_tokens (session_id) WHERE used_at IS NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("refresh_tokens", "sessions", "accounts"):
        op.execute(f"DROP TABLE {table}")
