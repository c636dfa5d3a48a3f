"""The provider's API for shops (under /v1, with a key), and its pages for payers (under /pay)."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from stack.provider.book import Book, Record
from stack.provider.messages import Messages

TRANSFERS = ("BANK_TRANSFER", "VIRTUAL_ACCOUNT")
TOKEN_SILENT = "tok_silent"  # noqa: S105  the name of a test card: its charge is made, and the answer lost
_ID = Field(min_length=1, max_length=64)
_MINOR_MAX = 2**63 - 1


class ChargeRequest(BaseModel):
    """A charge that a shop wants."""

    model_config = ConfigDict(strict=True)

    id: str = _ID
    minor: int = Field(ge=0, le=_MINOR_MAX)
    currency: str = Field(pattern="^[A-Z]{3}$")
    method: str = Field(pattern="^(CREDIT_CARD|E_WALLET|BANK_TRANSFER|VIRTUAL_ACCOUNT)$")
    token: str | None = Field(default=None, max_length=256)
    return_url: str | None = Field(default=None, alias="returnUrl", max_length=2048)
    note: str = Field(max_length=128)


class RefundRequest(BaseModel):
    """Money that a shop gives back."""

    model_config = ConfigDict(strict=True)

    id: str = _ID
    charge_id: str = Field(alias="chargeId", max_length=64)
    minor: int = Field(gt=0, le=_MINOR_MAX)


@dataclass(frozen=True, slots=True)
class Provider:
    """Its address for payers, the key of its shop, its book and its messages."""

    url: str
    api_key: str
    book: Book
    messages: Messages


def create_app(provider: Provider) -> FastAPI:
    """The provider as an ASGI application."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        delivering = asyncio.ensure_future(provider.messages.run())
        yield
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        provider.book.close()

    app = FastAPI(title="sandbox payment provider", lifespan=lifespan, openapi_url=None)
    _add_shop_routes(app, provider)
    _add_payer_routes(app, provider)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "UP"}

    return app


def _add_shop_routes(app: FastAPI, provider: Provider) -> None:
    book, messages = provider.book, provider.messages

    async def check_key(authorization: Annotated[str, Header()] = "") -> None:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {provider.api_key}".encode()):
            raise HTTPException(401)

    shop = [Depends(check_key)]

    @app.post("/v1/charges", dependencies=shop)
    async def charge(wanted: ChargeRequest) -> Record:
        record = book.charge(wanted.model_dump(by_alias=True))
        messages.tell("charge.updated", record["id"], record["reference"])
        if wanted.token == TOKEN_SILENT:
            raise HTTPException(504)
        return _show(provider, record)

    @app.get("/v1/charges", dependencies=shop)
    async def list_charges(after: float, before: float) -> dict[str, list[Record]]:
        return {"charges": [_show(provider, record) for record in book.list_charges(after, before)]}

    @app.get("/v1/charges/{charge_id}", dependencies=shop)
    async def find(charge_id: str) -> Record:
        return _show(provider, _known(book.find(charge_id)))

    @app.post("/v1/charges/{charge_id}/cancel", dependencies=shop)
    async def cancel(charge_id: str) -> Record:
        record = book.cancel(charge_id)
        messages.tell("charge.updated", record["id"], record["reference"])
        return _show(provider, record)

    @app.post("/v1/refunds", dependencies=shop)
    async def refund(wanted: RefundRequest) -> Record:
        return _known(book.refund(wanted.id, wanted.charge_id, wanted.minor))


def _add_payer_routes(app: FastAPI, provider: Provider) -> None:
    book, messages = provider.book, provider.messages

    @app.get("/pay/{reference}")
    async def page(reference: str) -> HTMLResponse:
        record = _known(book.find_by_reference(reference))
        buttons = "".join(
            f'<form method="post" action="/pay/{escape(reference)}/{action}"><button>{action}</button></form>'
            for action in ("approve", "decline")
        )
        return HTMLResponse(
            f"<!doctype html><title>Sandbox</title><h1>{escape(record['note'])}</h1>"
            f"<p>{escape(record['status'])}. No money is taken here.</p>{buttons}"
        )

    @app.post("/pay/{reference}/{action}")
    async def decide(reference: str, action: str) -> dict[str, Any]:
        record = _known(book.find_by_reference(reference))
        if action not in {"approve", "decline"}:
            raise HTTPException(404)
        is_late = action == "approve" and record["status"] == "CANCELLED" and record["method"] in TRANSFERS
        record = book.pay_late(record) if is_late else book.decide(record, is_approved=action == "approve")
        messages.tell("charge.updated", record["id"], record["reference"])
        return {"status": record["status"], "returnUrl": record["returnUrl"]}


def _known(record: Record | None) -> Record:
    if record is None:
        raise HTTPException(404)
    return record


def _show(provider: Provider, record: Record) -> Record:
    """What the shop gets to see, with what the payer must do next."""
    action = None
    digits = f"{int(record['reference'][3:], 16) % 10**10:010}"
    if record["status"] == "REQUIRES_ACTION":
        match record["method"]:
            case "BANK_TRANSFER":
                action = {"kind": "bank_transfer", "bankName": "Sandbox Bank", "account": f"DE00{digits}"}
            case "VIRTUAL_ACCOUNT":
                action = {"kind": "virtual_account", "bankCode": "SANDBOX", "account": f"88{digits}"}
            case _:
                action = {"kind": "redirect", "url": f"{provider.url}/pay/{record['reference']}"}
    shown = ("id", "reference", "minor", "currency", "status", "failure")
    return {key: record[key] for key in shown} | {"action": action}
