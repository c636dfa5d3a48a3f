"""What can be wrong with a supergraph that is handed in."""


class SupergraphError(Exception):
    """The text is not a supergraph that this router can serve."""
