"""CONTEXT_NAME_INVALID: the supergraph joins a context's name to its subgraph's by underscores, so it has none."""

import re

from router.composition.report import Report
from router.composition.subgraph import Subgraph, argument_text

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)


def check_context_name_invalid(subgraph: Subgraph, report: Report) -> None:
    """Check that the name of each context is made of letters and digits, a letter first."""
    for declared in subgraph.types.values():
        for applied in declared.directives:
            name = argument_text(applied, "name")
            if applied.name == "context" and name is not None and not _NAME.fullmatch(name):
                report.error(
                    "CONTEXT_NAME_INVALID",
                    f'[{subgraph.name}] Context name "{name}" on "{declared.name}" is invalid: use only letters and '
                    "digits, with a letter first.",
                    [(subgraph.name, applied.node)],
                )
