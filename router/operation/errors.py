"""What can be wrong with an operation that passed validation."""


class OperationError(Exception):
    """The operation cannot be chosen, or is too big to plan."""
