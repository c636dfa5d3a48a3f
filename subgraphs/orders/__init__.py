"""Orders: what was bought, by whom, at which price, and how far it has come.

Tables: orders, order_lines, order_events, idempotency_keys. It owns Order and OrderLine, and adds `orders` to User and
`unitsSold` to Product. Prices come from products at the moment of ordering and never change after it.
"""
