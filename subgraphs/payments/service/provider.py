"""The gateway that is a provider over HTTP: the sandbox of `stack/provider`, or another one that speaks as it does."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
from pyreqwest.exceptions import PyreqwestError

from subgraphs.common.graphql_types import parse_id
from subgraphs.common.internal import JsonObject, KeptConnections
from subgraphs.common.money import Money, MoneyError
from subgraphs.payments.domain import (
    BankTransfer,
    Failure,
    NextAction,
    Payment,
    PaymentStatus,
    Redirect,
    Refund,
    RefundState,
    Taken,
    VirtualAccount,
)
from subgraphs.payments.service.gateway import TRANSFER_DAYS, Charge, GatewayError

_FOUND = range(200, 300)
_STATUSES = frozenset({"REQUIRES_ACTION", "PROCESSING", "SUCCEEDED", "FAILED", "CANCELLED"})
_LENGTH_MAX = 200


class ProviderGateway(KeptConnections):
    """A provider at a URL; it knows our payments and refunds by their ids, so repeated requests are the same one."""

    name = "sandbox"

    def __init__(self, url: str, key: str) -> None:
        """Take where it is and our key there."""
        self._url = url
        self._key = key

    async def create(self, payment: Payment) -> Charge:
        """See `PaymentGateway.create`.

        Raises:
            GatewayError: no answer, or none that can be used.
        """
        body = {
            "id": str(payment.id),
            "minor": payment.amount.minor,
            "currency": payment.amount.currency,
            "method": payment.method,
            "token": payment.payment_token,
            "returnUrl": payment.return_url,
            "note": payment.reference,
        }
        return self._read(payment, await self._ask("POST", "/v1/charges", body))

    async def look_up(self, payment: Payment) -> Charge:
        """See `PaymentGateway.look_up`.

        Raises:
            GatewayError: no answer, or none that can be used.
        """
        return self._read(payment, await self._ask("GET", f"/v1/charges/{payment.id}"))

    async def cancel(self, payment: Payment) -> Charge:
        """See `PaymentGateway.cancel`.

        Raises:
            GatewayError: no answer, or none that can be used.
        """
        return self._read(payment, await self._ask("POST", f"/v1/charges/{payment.id}/cancel", {}))

    async def refund(self, payment: Payment, refund: Refund) -> RefundState:
        """See `PaymentGateway.refund`.

        Raises:
            GatewayError: no answer, or none that can be used.
        """
        body = {"id": str(refund.id), "chargeId": str(payment.id), "minor": refund.amount.minor}
        answer = await self._ask("POST", "/v1/refunds", body)
        if (answer.get("id"), answer.get("minor")) != (body["id"], body["minor"]):
            raise GatewayError("the provider answered of another refund")
        try:
            return RefundState(str(answer.get("status")))
        except ValueError:
            raise GatewayError("the provider answered with an unknown state of a refund") from None

    async def list_taken(self, after: datetime, before: datetime) -> list[Taken]:
        """See `PaymentGateway.list_taken`.

        Raises:
            GatewayError: no answer, or none that can be used.
        """
        query = f"?after={after.timestamp()}&before={before.timestamp()}"
        answer = await self._ask("GET", "/v1/charges", query=query)
        charges = answer.get("charges")
        if not isinstance(charges, list):
            raise GatewayError("the provider answered no list")
        return [_read_taken(charge) for charge in charges]

    async def _ask(
        self, method: str, path: str, body: JsonObject | None = None, query: str = ""
    ) -> JsonObject:
        content = b"" if body is None else orjson.dumps(body)
        headers = [("authorization", f"Bearer {self._key}"), ("content-type", "application/json")]
        try:
            request = self._get_client().request(method, self._url + quote(path) + query)
            response = await request.headers(headers).body_bytes(content).build().send()
            answer = orjson.loads(bytes(await response.bytes()))
        except (PyreqwestError, orjson.JSONDecodeError) as error:
            raise GatewayError(f"{method} {path} failed: {type(error).__name__}") from error
        if response.status not in _FOUND or not isinstance(answer, dict):
            raise GatewayError(f"{method} {path} was answered with {response.status}")
        return answer

    def _read(self, payment: Payment, answer: JsonObject) -> Charge:
        """The charge in an answer, which must be of this payment and, if it took money, of this amount."""
        status, reference = answer.get("status"), answer.get("reference")
        if answer.get("id") != str(payment.id) or status not in _STATUSES or not _is_text(reference):
            raise GatewayError("the provider answered something else than this payment")
        amount = (answer.get("minor"), answer.get("currency"))
        if status != "CANCELLED" and amount != (payment.amount.minor, payment.amount.currency):
            raise GatewayError("the provider took another amount than it was asked for")
        return Charge(
            str(reference),
            PaymentStatus(str(status)),
            _read_action(payment, answer.get("action")),
            _read_failure(answer.get("failure")),
        )


def _read_action(payment: Payment, given: Any) -> NextAction | None:
    if given is None:
        return None
    deadline = payment.expires_at or datetime.now(UTC) + timedelta(days=TRANSFER_DAYS)
    match given:
        case {"kind": "redirect", "url": str(url)}:
            return Redirect(url)
        case {"kind": "bank_transfer", "bankName": str(bank), "account": str(account)}:
            return BankTransfer(bank, account, payment.reference, deadline)
        case {"kind": "virtual_account", "bankCode": str(bank), "account": str(account)}:
            return VirtualAccount(bank, account, deadline)
        case _:
            raise GatewayError("the provider wants something of the payer that is not understood")


def _read_failure(given: Any) -> Failure | None:
    match given:
        case {"code": str(code), "message": str(message), "retryable": bool(is_retryable)}:
            return Failure(code[:_LENGTH_MAX], message[:_LENGTH_MAX], is_retryable)
        case _:
            return None


def _read_taken(given: Any) -> Taken:
    match given:
        case {"id": str(charge_id), "status": "SUCCEEDED", "minor": int(minor), "currency": str(currency)}:
            try:
                return Taken(parse_id(charge_id), Money(minor, currency))
            except MoneyError:
                raise GatewayError("the provider's list has an amount that is none") from None
        case {"id": str(charge_id), "status": str()}:
            return Taken(parse_id(charge_id), None)
        case _:
            raise GatewayError("the provider's list has something that is no charge")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LENGTH_MAX
