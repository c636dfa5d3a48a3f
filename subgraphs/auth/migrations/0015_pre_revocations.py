"""Which access tokens were called back before they expire, whoever did it: what the other services ask for."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE revocations (
        at timestamptz NOT NULL,
        subject uuid NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (at, subject)
    )
    """,
    # A token that speaks of an older version has another role, or was made for somebody who may not log in any more.
    """
    CREATE FUNCTION note_changed_account() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO revocations VALUES (clock_timestamp(), NEW.id, NEW.version);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER accounts_changed AFTER UPDATE OF role, status ON accounts FOR EACH ROW
        WHEN (NEW.role <> OLD.role OR NEW.status <> OLD.status) EXECUTE FUNCTION note_changed_account()
    """,
    # What has ended has no version to come.
    """
    CREATE FUNCTION note_ended() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO revocations VALUES (clock_timestamp(), NEW.id, 2147483647);
        RETURN NULL;
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_ended AFTER UPDATE OF revoked_at ON {table} FOR EACH ROW
            WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION note_ended()
        """
        for table in ("sessions", "api_keys")
    ),
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
