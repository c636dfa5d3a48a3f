"""Whether the five databases tell one story: invariants that no service can check alone, read from outside of them.

This is an oracle: it knows the tables, and shares no code with the services that write them.
"""
