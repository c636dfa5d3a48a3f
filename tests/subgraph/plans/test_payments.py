"""Every list of payments is read along an index: each filter, alone and with each other, from each place."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from subgraphs.common.database import Database
from subgraphs.common.pagination import PageRequest
from subgraphs.payments.domain import PaymentFilter, PaymentMethod, PaymentStatus
from subgraphs.payments.repository import listing, reconciliation, refunds
from subgraphs.payments.repository import payments as rows
from subgraphs.payments.repository.records import read_payment
from subgraphs.payments.service import build_service as build_payments
from subgraphs.payments.service.gateway import DevelopmentGateway
from tests.support.places import combine, pages
from tests.support.query_plans import expect_indexed, fill
from tests.support.shops import COURIER, NOBODY_THERE


async def some_payment(payments: Database) -> Any:
    async with payments.read() as session:
        statement = text("SELECT * FROM payments ORDER BY created_at OFFSET 3000 LIMIT 1")
        return read_payment((await session.execute(statement)).one())


async def busiest_payers(payments: Database) -> list[Any]:
    async with payments.read() as session:
        statement = text("SELECT payer_id FROM payments GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 20")
        return [*await session.scalars(statement)]


def conditions_of(payment: Any) -> dict[str, tuple[Any, ...]]:
    status, method = PaymentStatus, PaymentMethod
    return {
        "statuses": ((status.REFUNDED,), (status.SUCCEEDED,), (status.PENDING, status.PROCESSING)),
        "methods": ((method.VIRTUAL_ACCOUNT,), (method.CREDIT_CARD, method.E_WALLET)),
        "order_id": (payment.order_id,),
        "reference": (payment.reference,),
        "created_from": (payment.created_at,),
        "created_to": (payment.created_at,),
    }


async def test_lists_of_payments(payments: Database) -> None:
    payment, payers = await some_payment(payments), await busiest_payers(payments)
    for values in combine(conditions_of(payment), 3):
        wanted = PaymentFilter(**values)
        for request in pages(listing.build_cursor_values(payment)):

            async def read(wanted: PaymentFilter = wanted, request: PageRequest = request) -> None:
                async with payments.read() as session:
                    await listing.list_payments(session, wanted, request)
                    await listing.list_payments_of(session, payers, wanted, request)
                    await listing.count_payments_of(session, payers, wanted)

            await expect_indexed(payments, read, f"{values} {request}")


async def test_what_belongs_to_a_page_of_payments(payments: Database) -> None:
    async with payments.read() as session:
        statement = text("SELECT id, order_id, reference FROM payments ORDER BY created_at LIMIT 20")
        found = (await session.execute(statement)).all()
        refunded = [*await session.scalars(text("SELECT payment_id FROM refunds ORDER BY id LIMIT 20"))]
        refund_ids = [*await session.scalars(text("SELECT id FROM refunds ORDER BY id LIMIT 20"))]
    ids = [one.id for one in found]

    async def read() -> None:
        async with payments.read() as session:
            await rows.find_payments(session, ids, [one.reference for one in found])
            await rows.find_running(session, found[0].order_id)
            await rows.list_of_orders(session, [one.order_id for one in found])
            await rows.list_attempts(session, ids)
            await refunds.list_refunds(session, refunded, refund_ids)

    await expect_indexed(payments, read, "a page")


async def test_reports_of_reconciliation(payments: Database) -> None:
    payment = await some_payment(payments)
    for request in pages((str(payment.id),)):

        async def read(request: PageRequest = request) -> None:
            async with payments.read() as session:
                await reconciliation.list_reports(session, request)

        await expect_indexed(payments, read, str(request))

    async def compare() -> None:
        async with payments.read() as session:
            day = (payment.created_at, payment.created_at + timedelta(days=1))
            assert await reconciliation.list_of_gateway(session, "development", *day)

    await expect_indexed(payments, compare, "one day of the gateway")


async def test_what_upkeep_asks_again_and_again(payments: Database) -> None:
    service = build_payments(payments, NOBODY_THERE, DevelopmentGateway(), COURIER)
    await fill(
        payments,
        """INSERT INTO idempotency_keys (user_id, operation, key, request_sha256, payment_id)
        SELECT payer_id, 'initiatePayment', id::text, sha256(id::text::bytea), id FROM payments""",
        "INSERT INTO inbox (source, type, subject, version) SELECT 'orders', 'closed', id::text, 1 FROM payments",
        """INSERT INTO outbox (peer, type, subject, data, next_try_at)
        SELECT 'orders', 'refunded', id, '{}', now() + interval '1 day' FROM payments""",
        "INSERT INTO gateway_events (gateway, event_id, type) SELECT 'sandbox', id::text, 'changed' FROM payments",
    )
    await expect_indexed(payments, service.upkeep.run_once, "upkeep")
