"""Second factors, single-use tokens, mail, API keys, throttles and the audit log."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    ALTER TABLE accounts
        ADD COLUMN totp_secret bytea,
        ADD COLUMN totp_confirmed_at timestamptz,
        ADD COLUMN totp_used_step bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT totp_secret_confirmed CHECK (totp_confirmed_at IS NULL OR totp_secret IS NOT NULL)
    """,
    "ALTER TABLE sessions DROP CONSTRAINT revoke_reason_known",
    """
    ALTER TABLE sessions ADD CONSTRAINT revoke_reason_known CHECK (revoke_reason IN
        ('LOGOUT', 'PASSWORD_CHANGED', 'TOKEN_REUSED', 'ACCOUNT_CLOSED', 'ACCOUNT_SUSPENDED', 'REVOKED'))
    """,
    """
    CREATE TABLE recovery_codes (
        account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        code_hash bytea NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (account_id, code_hash)
    )
    """,
    """
    CREATE TABLE action_tokens (
        token_hash bytea PRIMARY KEY,
        account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        purpose text NOT NULL CONSTRAINT purpose_known
            CHECK (purpose IN ('VERIFY_EMAIL', 'CHANGE_EMAIL', 'RESET_PASSWORD', 'MFA_LOGIN')),
        email text NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    "CREATE INDEX action_tokens_account ON action_tokens (account_id, purpose)",
    "CREATE INDEX action_tokens_expires ON action_tokens (expires_at)",
    """
    CREATE TABLE mails (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        kind text NOT NULL CONSTRAINT kind_known
            CHECK (kind IN ('VERIFY_EMAIL', 'CHANGE_EMAIL', 'RESET_PASSWORD', 'PASSWORD_CHANGED')),
        email text NOT NULL,
        account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
        attempts integer NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX mails_due ON mails (next_try_at)",
    """
    CREATE TABLE api_keys (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        name text NOT NULL,
        prefix text NOT NULL,
        secret_hash bytea NOT NULL CONSTRAINT api_keys_secret_hash_key UNIQUE,
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz,
        expires_at timestamptz,
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX api_keys_account ON api_keys (account_id, id)",
    """
    CREATE TABLE throttles (
        key text PRIMARY KEY,
        failures integer NOT NULL,
        locked_until timestamptz NOT NULL,
        last_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX throttles_last ON throttles (last_at)",
    """
    CREATE TABLE audit_log (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        at timestamptz NOT NULL,
        actor_id uuid,
        action text NOT NULL,
        target_type text NOT NULL,
        target_id text NOT NULL,
        ip text,
        request_id text,
        outcome text NOT NULL CONSTRAINT outcome_known CHECK (outcome IN ('ALLOWED', 'DENIED'))
    )
    """,
    "CREATE INDEX audit_log_actor ON audit_log (actor_id, id)",
    "CREATE INDEX audit_log_target ON audit_log (target_id, id)",
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$
    """,
    """
    CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("audit_log", "throttles", "api_keys", "mails", "action_tokens", "recovery_codes"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION refuse_change")
    op.execute(
        "ALTER TABLE accounts DROP COLUMN totp_secret, DROP COLUMN totp_confirmed_at, DROP COLUMN totp_used_step"
    )
