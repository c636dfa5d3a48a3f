"""Payments: who paid what for which order, by which method, and what the gateway says of it.

Tables: payments, payment_attempts, payment_events, idempotency_keys. It owns Payment, and adds `payments` and
`amountDue` to Order and `payments` to User. What an order costs is asked of orders; whether money came, of the gateway.
"""
