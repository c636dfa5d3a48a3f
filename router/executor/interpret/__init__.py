"""The complete semantics of a plan over plain dictionaries.

The merged response is one tree of dicts and lists, keyed by response key. Fetches write into it
(`merge`), later fetches read from it (`walk`, `representations`), and at the end it is cut to what the
client asked for (`complete`).
"""
