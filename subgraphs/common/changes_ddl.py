"""The tables of what subscriptions tell, as migrations make them. Migrations have run: what stands here never changes."""

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
