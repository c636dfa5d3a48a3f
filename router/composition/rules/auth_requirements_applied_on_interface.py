"""AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: an interface's own requirement would protect nothing behind it."""

from router.composition.report import Report
from router.composition.subgraph import Applied, Kind, Subgraph
from router.spec.federation import ACCESS_DIRECTIVES


def check_auth_requirements_applied_on_interface(subgraph: Subgraph, report: Report) -> None:
    """Check that access directives stand on objects, their fields, scalars and enums."""
    for declared in subgraph.types.values():
        if declared.kind is Kind.INTERFACE or declared.is_interface_object:
            for applied in declared.directives:
                _check(subgraph, declared.name, applied, report)
        if declared.kind is Kind.INTERFACE:
            for item in declared.fields.values():
                for applied in item.directives:
                    _check(subgraph, f"{declared.name}.{item.name}", applied, report)


def _check(subgraph: Subgraph, coordinate: str, applied: Applied, report: Report) -> None:
    if applied.name in ACCESS_DIRECTIVES:
        report.error(
            "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
            f'[{subgraph.name}] Invalid use of @{applied.name} on "{coordinate}": @{applied.name} cannot be applied on '
            "interfaces, interface fields and interface objects; apply it on the implementations",
            [(subgraph.name, applied.node)],
        )
