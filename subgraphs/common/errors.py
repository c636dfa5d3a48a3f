"""Refusals: what a service raises when it understood the request and the answer is no.

DomainError
├── InvalidInputError         an input breaks a rule; `path` points into the input
├── ObjectNotFoundError       no such object, or not the caller's
├── IdempotencyMismatchError  the key was used with other input
└── (a subgraph's own, in its domain.py)

AccessError              top-level errors: not signed in, not allowed, unusable argument
├── UnauthenticatedError
├── ForbiddenError
├── BadUserInputError
├── CostLimitError        an operation that asks for too much at once
├── NothingThereError     what a subscription is for does not exist, or is not the caller's
├── TooManyStreamsError   more subscriptions than one user, or one process, may have
├── SlowConsumerError     a subscriber that does not take what it subscribed for
├── UnknownEventError     a place to resume from that is not known, or not any more
└── UnavailableError      auth, a peer or the database does not answer now

A `DomainError` becomes an item of the payload's `errors` in one place, `graphql_types.build_user_error`; an
`AccessError` becomes a top-level GraphQL error with its code.
"""

from enum import StrEnum
from typing import ClassVar

from graphql import GraphQLError


class ErrorCode(StrEnum):
    """Why a mutation was refused; the same list in every subgraph."""

    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    NOT_UNIQUE = "NOT_UNIQUE"
    INVALID_STATE = "INVALID_STATE"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    FORBIDDEN = "FORBIDDEN"
    EXPIRED = "EXPIRED"
    LOCKED = "LOCKED"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    PRICE_CHANGED = "PRICE_CHANGED"
    DECLINED = "DECLINED"


class DomainError(Exception):
    """A refusal; `path` names the input fields concerned, outermost first, camelCase."""

    def __init__(self, message: str, code: ErrorCode, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path


class InvalidInputError(DomainError):
    """An input breaks a rule."""

    def __init__(self, message: str, path: tuple[str, ...] = (), code: ErrorCode = ErrorCode.INVALID) -> None:
        super().__init__(message, code, path)


class ObjectNotFoundError(DomainError):
    """No such object, or one that the caller may not know of."""

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message, ErrorCode.NOT_FOUND, path)


def refuse_file(file_id: object, path: tuple[str, ...]) -> None:
    """Refuse the id of a file: files belong to a media service, which is not among the five, so it is the id of none.

    Raises:
        InvalidInputError: one is given.
    """
    if file_id:
        message = "There is no such file: this shop keeps none. Leave it out."
        raise InvalidInputError(message, path, ErrorCode.NOT_FOUND)


class IdempotencyMismatchError(DomainError):
    """The same idempotency key came with other input."""

    def __init__(self) -> None:
        super().__init__(
            "This idempotencyKey was used with other input. Use a new key for a new request.",
            ErrorCode.IDEMPOTENCY_MISMATCH,
            ("idempotencyKey",),
        )


class AccessError(GraphQLError):
    """A top-level error that is the caller's to mend; shown as it is."""

    code: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": self.code})


class UnauthenticatedError(AccessError):
    """No token, or one that does not hold."""

    code = "UNAUTHENTICATED"

    def __init__(
        self, message: str = "Sign in first: send an access token in the Authorization header."
    ) -> None:
        super().__init__(message)


class ForbiddenError(AccessError):
    """Signed in, but without the scope or the policy that this needs."""

    code = "FORBIDDEN"

    def __init__(self, message: str = "Your account may not do this.") -> None:
        super().__init__(message)


class BadUserInputError(AccessError):
    """An argument of a query that cannot be used."""

    code = "BAD_USER_INPUT"


class CostLimitError(AccessError):
    """An operation that asks for too much at once."""

    code = "COST_LIMIT"


class NothingThereError(AccessError):
    """What a subscription is for does not exist, or is not the caller's."""

    code = "NOT_FOUND"


class TooManyStreamsError(AccessError):
    """More subscriptions than one user, or one process, may have."""

    code = "RATE_LIMITED"

    def __init__(self, message: str = "There are too many subscriptions. End some of them first.") -> None:
        super().__init__(message)


class SlowConsumerError(AccessError):
    """A subscriber that does not take what it subscribed for."""

    code = "SLOW_CONSUMER"

    def __init__(
        self,
        message: str = "Events come faster than they are taken. Subscribe again with the last event's id as lastEventId.",
    ) -> None:
        super().__init__(message)


class UnknownEventError(AccessError):
    """A place to resume from that is not known, or not any more."""

    code = "UNKNOWN_EVENT"

    def __init__(
        self,
        message: str = "Nothing can be told from there on: there is no such event, or not any more. "
        "Read the state anew, then subscribe from now on.",
    ) -> None:
        super().__init__(message)


class UnavailableError(AccessError):
    """Somebody who is needed for this does not answer now: auth, which knows the caller, a peer, the database."""

    code = "SUBGRAPH_UNAVAILABLE"

    def __init__(self, message: str = "Access tokens cannot be checked just now. Try again soon.") -> None:
        super().__init__(message)
