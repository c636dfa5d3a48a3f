"""The hot path: plans that come again run on types and functions generated for them.

A subgraph's answer is decoded straight into objects that have the client's keys in the client's order,
later answers are merged by setting attributes, and what stands there at the end is encoded as it is. The
decoder checks types and nulls on the way. Errors of subgraphs are placed as `interpret` places them, and where
something is missing nulls rise. Whatever a subgraph may never answer (a wrong type, a null where it has promised none,
a key too many) is unusual and ends the attempt, and `interpret` answers from the same raw answers: it alone
knows the whole semantics.

In the order of reading: `compile` (the recipe), `places` (what stands where), `types` (its msgspec
structs), `walk`, `layouts`, `representations`, `absorb`, `finish` (the generated functions), `program`
(running them), `trace` (where an error belongs), `programs` (which plans are worth it).
"""
