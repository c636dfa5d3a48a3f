"""What a payer does next, and why a payment failed."""

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Self

import strawberry

from subgraphs.common.graphql_types import MoneyType
from subgraphs.payments import domain


@strawberry.type
class RedirectAction:
    """See `domain.Redirect`."""

    url: str


@strawberry.type
class BankTransferInstructions:
    """See `domain.BankTransfer`."""

    bank_name: str
    account_number: str
    amount: MoneyType
    transfer_note: str
    deadline: dt.datetime


@strawberry.type
class VirtualAccountInstructions:
    """See `domain.VirtualAccount`."""

    bank_code: str
    account_number: str
    amount: MoneyType
    deadline: dt.datetime


PaymentNextAction = Annotated[
    RedirectAction | BankTransferInstructions | VirtualAccountInstructions,
    strawberry.union("PaymentNextAction"),
]


def build_next_action(record: domain.Payment) -> Any:
    """The GraphQL form of what the payer does next."""
    match record.next_action:
        case None:
            return None
        case domain.Redirect(url):
            return RedirectAction(url=url)
        case domain.BankTransfer() as transfer:
            return BankTransferInstructions(amount=MoneyType.of(record.amount), **asdict(transfer))
        case domain.VirtualAccount() as account:
            return VirtualAccountInstructions(amount=MoneyType.of(record.amount), **asdict(account))


@strawberry.type
class PaymentFailure:
    """See `domain.Failure`."""

    code: str
    message: str
    retryable: bool

    @classmethod
    def of(cls, record: domain.Failure | None) -> Self | None:
        """The failure, if there is one."""
        if record is None:
            return None
        return cls(code=record.code, message=record.message, retryable=record.is_retryable)
