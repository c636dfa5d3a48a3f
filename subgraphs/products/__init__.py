"""What the marketplace sells: products, their categories and their prices.

Owns the tables `categories` and `products` and the whole of `Product` and `Category`; the other subgraphs only refer
to products by id. Drafts are seen by nobody without the scope catalog:write. Archived products are in no list and
under no slug, but still answer to their id: an order refers to what it sold for ever.
"""
