"""QUERY_ROOT_TYPE_INACCESSIBLE: nothing could be asked."""

from router.composition.coordinates import Coordinate
from router.composition.visibility import Visibility


def check_query_root_type_inaccessible(view: Visibility) -> None:
    """Check that the query root is visible."""
    if view.is_type_hidden("Query"):
        view.error(
            "QUERY_ROOT_TYPE_INACCESSIBLE",
            'Type "Query" is @inaccessible but is the root query type, which must be in the API schema: hide its '
            "fields instead",
            Coordinate("Query"),
        )
