"""What can be set about a coprocessor."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.hooks.conditions import Condition

TIMEOUT_S = 1.0
"""Apollo Router's default for `coprocessor.timeout`."""


@dataclass(frozen=True, slots=True)
class ContextSelection:
    """Which entries of the context are sent.

    Attributes:
        is_deprecated: whether under the names that Apollo Router 1 had.
        selected: the only ones; None for all.
    """

    is_deprecated: bool = False
    selected: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class StageOptions:
    """What is sent at one stage, and when.

    Attributes:
        parts: of `headers`, `body`, `sdl`, `path`, `method`, `uri`, `status_code`, `service_name`, `query_plan`,
            `subgraph_request_id`.
        context: None to send none of it.
        condition: None for always.
        url: where this stage is told to; empty for where all are.
    """

    parts: frozenset[str] = frozenset()
    context: ContextSelection | None = None
    condition: Condition | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class CoprocessorOptions:
    """Apollo's `coprocessor`.

    Attributes:
        stages: by names such as `router_request`; what is not named is not asked about.
        is_response_validated: whether a GraphQL response that the coprocessor has changed must still be one.
    """

    url: str = field(repr=False)
    timeout_s: float = TIMEOUT_S
    stages: Mapping[str, StageOptions] = field(default_factory=dict)
    is_response_validated: bool = True
