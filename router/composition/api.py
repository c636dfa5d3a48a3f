"""What may be hidden in a supergraph, so that an API schema is left: the rules of `@inaccessible`."""

from collections.abc import Callable

from graphql import DocumentNode

from router.composition.context import Merge
from router.composition.rules.default_value_uses_inaccessible import check_default_value_uses_inaccessible
from router.composition.rules.disallowed_inaccessible import check_disallowed_inaccessible
from router.composition.rules.implemented_by_inaccessible import check_implemented_by_inaccessible
from router.composition.rules.only_inaccessible_children import check_only_inaccessible_children
from router.composition.rules.query_root_type_inaccessible import check_query_root_type_inaccessible
from router.composition.rules.referenced_inaccessible import check_referenced_inaccessible
from router.composition.rules.required_inaccessible import check_required_inaccessible
from router.composition.visibility import Visibility

_RULES: tuple[Callable[[Visibility], None], ...] = (
    check_query_root_type_inaccessible,
    check_only_inaccessible_children,
    check_referenced_inaccessible,
    check_implemented_by_inaccessible,
    check_required_inaccessible,
    check_default_value_uses_inaccessible,
    check_disallowed_inaccessible,
)


def check_api(merge: Merge, document: DocumentNode) -> None:
    """Check what a valid supergraph with plain names hides, so that its API schema is valid too."""
    view = Visibility(merge, document)
    for rule in _RULES:
        rule(view)
