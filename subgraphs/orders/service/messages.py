"""What the events of an order say."""

from subgraphs.common.money import Money

PAID = "The payment succeeded."
NOT_PAID_IN_TIME = "It was not paid in time."


def tell_refund(refunded: Money) -> str:
    """How much was paid back in all."""
    return f"{refunded.amount} {refunded.currency} was paid back in all."
