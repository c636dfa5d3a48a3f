"""An operation as its caller may run it, and the keys that such operations are kept under."""

from dataclasses import dataclass
from typing import TypeAlias

from graphql import DocumentNode

from router.errors import ResponseError
from router.operation.shape import ObjectShape
from router.pipeline.validate import OperationKey, ValidOperation
from router.policy.authorization import AccessDecision

AccessKey: TypeAlias = tuple[OperationKey, AccessDecision]


@dataclass(frozen=True, slots=True)
class AuthorizedOperation:
    """An operation as its caller may run it.

    Attributes:
        document: what is planned; None if nothing may be fetched.
        key: tells it from what others may run of the same text.
        errors: one for each place that was taken out.
        is_free: whether everybody may run all of it.
        shape: of the answer, where that is the same for all values of variables; None for what is to be looked up.
    """

    operation: ValidOperation
    document: DocumentNode | None
    key: AccessKey
    errors: tuple[ResponseError, ...] = ()
    is_free: bool = False
    shape: ObjectShape | None = None
