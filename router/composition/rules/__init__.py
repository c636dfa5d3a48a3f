"""The rules, one a file: each reports and none changes anything.

Those of one subgraph are listed here, in the order in which they report; `check_subgraph` runs them all. What only
merging can see is reported from there.
"""

from collections.abc import Callable
from typing import TypeAlias

from router.composition.report import Report
from router.composition.rules.auth_requirements_applied_on_interface import (
    check_auth_requirements_applied_on_interface,
)
from router.composition.rules.context_invalid_selection import check_context_invalid_selection
from router.composition.rules.context_name_invalid import check_context_name_invalid
from router.composition.rules.context_no_resolvable_key import check_context_no_resolvable_key
from router.composition.rules.context_not_set import check_context_not_set
from router.composition.rules.cost_applied_to_interface_field import check_cost_applied_to_interface_field
from router.composition.rules.directive_in_fields_arg import check_directive_in_fields_arg
from router.composition.rules.external_collision_with_another_directive import (
    check_external_collision_with_another_directive,
)
from router.composition.rules.external_on_interface import check_external_on_interface
from router.composition.rules.external_unused import check_external_unused
from router.composition.rules.fields_has_args import check_fields_has_args
from router.composition.rules.fields_missing_external import check_fields_missing_external
from router.composition.rules.interface_key_not_on_implementation import (
    check_interface_key_not_on_implementation,
)
from router.composition.rules.interface_object_usage_error import check_interface_object_key
from router.composition.rules.invalid_fields import check_invalid_fields
from router.composition.rules.invalid_fields_type import check_invalid_fields_type
from router.composition.rules.invalid_shareable_usage import check_invalid_shareable_usage
from router.composition.rules.invalid_subgraph_name import check_invalid_subgraph_name
from router.composition.rules.key_fields_select_invalid_type import check_key_fields_select_invalid_type
from router.composition.rules.list_size_applied_to_non_list import check_list_size_applied_to_non_list
from router.composition.rules.list_size_invalid_assumed_size import check_list_size_invalid_assumed_size
from router.composition.rules.list_size_invalid_sized_field import check_list_size_invalid_sized_field
from router.composition.rules.list_size_invalid_slicing_argument import (
    check_list_size_invalid_slicing_argument,
)
from router.composition.rules.no_context_in_selection import check_no_context_in_selection
from router.composition.rules.provides_on_non_object_field import check_provides_on_non_object_field
from router.composition.rules.unsupported_on_interface import check_unsupported_on_interface
from router.composition.subgraph import Subgraph

Rule: TypeAlias = Callable[[Subgraph, Report], None]

# Where these are broken, the field sets have no meaning.
PREMISES: tuple[Rule, ...] = (
    check_provides_on_non_object_field,
    check_external_collision_with_another_directive,
)
SUBGRAPH_RULES: tuple[Rule, ...] = (
    check_invalid_subgraph_name,
    check_unsupported_on_interface,
    check_invalid_fields_type,
    check_invalid_fields,
    check_directive_in_fields_arg,
    check_fields_has_args,
    check_key_fields_select_invalid_type,
    check_fields_missing_external,
    check_external_on_interface,
    check_external_unused,
    check_interface_key_not_on_implementation,
    check_interface_object_key,
    check_invalid_shareable_usage,
    check_context_name_invalid,
    check_no_context_in_selection,
    check_context_not_set,
    check_context_no_resolvable_key,
    check_context_invalid_selection,
    check_auth_requirements_applied_on_interface,
    check_cost_applied_to_interface_field,
    check_list_size_applied_to_non_list,
    check_list_size_invalid_assumed_size,
    check_list_size_invalid_slicing_argument,
    check_list_size_invalid_sized_field,
)


def check_subgraph(subgraph: Subgraph, report: Report) -> None:
    """Report everything that is wrong with one subgraph by itself."""
    for rule in PREMISES:
        rule(subgraph, report)
    if report.has_failed(subgraph.name):
        return
    for rule in SUBGRAPH_RULES:
        rule(subgraph, report)
