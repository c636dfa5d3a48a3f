"""Arabic and Persian digits, and the two ways to write yeh and kaf, are the same to a search."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE OR REPLACE FUNCTION plain_text(given text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN translate(lower(unaccent('unaccent', given)), '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹ىيك', '01234567890123456789ییک')
    """,
    # What was made with the function before, in the columns and in the indexes, is made anew where it differs.
    """
    UPDATE products SET name = name
    WHERE name || array_to_string(features, ' ') || coalesce(description, '') ~ '[\u0660-\u0669\u06f0-\u06f9\u0649\u064a\u0643]'
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
