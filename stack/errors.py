"""What can keep the stack from running, told to a person.

StackError
├── PortTakenError         somebody else listens on a port that we need
├── AlreadyRunningError    another launcher works with the same data
├── BinariesMissingError   no usable Postgres on this machine
├── DataMismatchError      the data were written by another major version of Postgres
├── PostgresFailedError    Postgres did not come up, or went away
└── ChildFailedError       a migration, a subgraph or the router ended before its time
"""


class StackError(Exception):
    """A fault of the machine or its setup: `what` happened, and the `cure` to try, both whole sentences."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what}\n{cure}")
        self.what = what
        self.cure = cure


class PortTakenError(StackError):
    """Somebody else listens on a port that we need."""


class AlreadyRunningError(StackError):
    """Another launcher works with the same data."""


class BinariesMissingError(StackError):
    """No usable Postgres on this machine."""


class DataMismatchError(StackError):
    """The data were written by another major version of Postgres."""


class PostgresFailedError(StackError):
    """Postgres did not come up, or went away."""


class ChildFailedError(StackError):
    """A migration, a subgraph or the router ended before its time."""
