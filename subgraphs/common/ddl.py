"""Tables that several services have, as migrations make them. Migrations have run: what stands here never changes."""

OUTBOX_1 = (
    """
    CREATE TABLE outbox (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        peer text NOT NULL,
        type text NOT NULL,
        subject uuid NOT NULL,
        data jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        next_try_at timestamptz NOT NULL DEFAULT now(),
        tries integer NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX outbox_due ON outbox (next_try_at, id)",
)

INBOX_1 = (
    "ALTER TABLE outbox ADD COLUMN version bigint GENERATED ALWAYS AS IDENTITY",
    """
    CREATE TABLE inbox (
        source text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        version bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (source, type, subject)
    )
    """,
    "CREATE INDEX inbox_by_time ON inbox (at)",
    "CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at)",
)

ERASED_CUSTOMERS_1 = """
    CREATE TABLE erased_customers (
        customer_id uuid PRIMARY KEY,
        erased_at timestamptz NOT NULL DEFAULT now()
    )
"""

CHANGES_1 = (
    """
    CREATE TABLE changes (
        sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL CONSTRAINT changes_id_key UNIQUE,
        position bigint CONSTRAINT changes_position_key UNIQUE,
        subject uuid NOT NULL,
        owner uuid,
        at timestamptz NOT NULL,
        data jsonb NOT NULL DEFAULT '{}'
    )
    """,
    "CREATE INDEX changes_unplaced ON changes (sequence) WHERE position IS NULL",
    "CREATE INDEX changes_by_subject ON changes (subject, position)",
    "CREATE INDEX changes_by_owner ON changes (owner, position)",
    "CREATE INDEX changes_by_time ON changes (at)",
    """
    CREATE TABLE changes_head (
        is_the_head boolean PRIMARY KEY DEFAULT true CONSTRAINT changes_head_is_one CHECK (is_the_head),
        position bigint NOT NULL DEFAULT 0
    )
    """,
    "INSERT INTO changes_head DEFAULT VALUES",
)


def build_status_changes_1(*, thing: str, owner: str, sequence: str, more_data: str = "") -> tuple[str, ...]:
    """The triggers that note each change of a `thing`'s status: the tables are `{thing}s` and `{thing}_events`.

    `owner` is the column of whose it is, `sequence` that of the order of its events.
    """
    return (
        # The time of a change is taken when the row is held, so the times of one thing's changes are in their order.
        f"""
        CREATE FUNCTION touch_{thing}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at + interval '1 microsecond');
            RETURN NEW;
        END $$
        """,
        f"CREATE TRIGGER {thing}s_touched BEFORE UPDATE ON {thing}s FOR EACH ROW EXECUTE FUNCTION touch_{thing}()",
        f"""
        CREATE FUNCTION note_status_changes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO changes (id, subject, owner, at, data)
            SELECT added.id, added.{thing}_id, {thing}s.{owner}, {thing}s.updated_at,
                jsonb_build_object('from', added.from_status, 'to', added.to_status{more_data})
            FROM added JOIN {thing}s ON {thing}s.id = added.{thing}_id
            WHERE added.to_status IS DISTINCT FROM added.from_status
            ORDER BY added.{sequence};
            RETURN NULL;
        END $$
        """,  # noqa: S608 -- the names are those of a migration
        f"""
        CREATE TRIGGER {thing}_events_told AFTER INSERT ON {thing}_events REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION note_status_changes()
        """,
    )


def build_past_times_1(*, thing: str, guard: str) -> tuple[str, ...]:
    """The time of a change is still taken when the row is held, but for a change that tells its own: it is a past one.

    The older function `guard` of the same table sets the time of the transaction, which is of no use any more.
    """
    return (
        f"""
        DO $$ BEGIN
            EXECUTE replace(pg_get_functiondef('{guard}'::regproc), 'NEW.updated_at := now();', '');
        END $$
        """,
        f"DROP TRIGGER {thing}s_touched ON {thing}s",
        f"""
        CREATE TRIGGER {thing}s_touched BEFORE UPDATE ON {thing}s FOR EACH ROW
        WHEN (NEW.updated_at <= OLD.updated_at) EXECUTE FUNCTION touch_{thing}()
        """,
    )


PLACE_CHANGES_1 = """
    CREATE FUNCTION place_changes(count_max integer) RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
        head bigint;
        placed integer;
    BEGIN
        IF NOT EXISTS (SELECT FROM changes WHERE position IS NULL) THEN
            RETURN 0;
        END IF;
        -- Whoever has waited here sees what the one before has placed: each statement of a function looks anew.
        SELECT position INTO head FROM changes_head FOR UPDATE;
        WITH next AS (
            SELECT sequence, row_number() OVER (ORDER BY sequence) AS place FROM (
                SELECT sequence FROM changes WHERE position IS NULL ORDER BY sequence LIMIT count_max
            ) AS unplaced
        )
        UPDATE changes SET position = head + next.place FROM next WHERE changes.sequence = next.sequence;
        GET DIAGNOSTICS placed = ROW_COUNT;
        IF placed > 0 THEN
            UPDATE changes_head SET position = position + placed;
            PERFORM pg_notify('changes', '');
        END IF;
        RETURN placed;
    END $$
"""
