"""Metrics of single things that are done for operations, under Apollo Router's names. They are made when first counted."""

from collections.abc import Callable
from typing import TypeAlias

from router.telemetry.options import CustomInstrument

Flags: TypeAlias = tuple[bool | None, ...]
"""The labels of a metric, in its order: yes, no, or None for not there."""

Counted: TypeAlias = Callable[[CustomInstrument, Flags], None]
"""Counts one thing that is done."""

JWT = CustomInstrument(
    "apollo.router.operations.authentication.jwt",
    is_histogram=False,
    description="Tokens that were read, by whether they were refused",
    labels=("authentication.jwt.failed",),
)
AUTHORIZATION = CustomInstrument(
    "apollo.router.operations.authorization",
    is_histogram=False,
    description="Operations that ask for what not everybody may see, by whether something was taken out",
    labels=(
        "authorization.filtered",
        "authorization.needs_authenticated",
        "authorization.needs_requires_scopes",
    ),
)
NOT_FOUND = "persisted_queries.not_found"
UNKNOWN = "persisted_queries.safelist.rejected.unknown"
MISSING_ID = "persisted_queries.safelist.rejected.missing_id"
LOGGED = "persisted_queries.logged"
PERSISTED = CustomInstrument(
    "apollo.router.operations.persisted_queries",
    is_histogram=False,
    description="Operations where there are persisted ones, by what was wrong with them",
    labels=(NOT_FOUND, UNKNOWN, MISSING_ID, LOGGED),
)
COPROCESSOR = CustomInstrument(
    "apollo.router.operations.coprocessor",
    is_histogram=False,
    description="Messages to the coprocessor, by whether it has answered as it should",
    labels=("coprocessor.stage", "coprocessor.succeeded"),
)
COPROCESSOR_DURATION = CustomInstrument(
    "apollo.router.operations.coprocessor.duration",
    is_histogram=True,
    description="How long the coprocessor took to answer",
    unit="s",
    labels=("coprocessor.stage",),
)
