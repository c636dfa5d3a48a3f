"""Who somebody is: accounts, passwords, sessions and the tokens that the other subgraphs trust.

Owns the tables `accounts`, `sessions` and `refresh_tokens`, and of `User` the fields email, emailVerified,
role, status, mfaEnabled and sessions. The profile (names, address, phone) belongs to `users`; auth keeps only
the full name, for the token's `name` claim.

A `User` object of this subgraph is made only for a reader who may see it (the owner, or the scope users:read):
the check stands where the object is made, so that none of its fields can forget it.

In the development profile an address counts as verified at registration, and an administrator's log-in counts as
a second factor (the claim `mfa_at` is the time of the log-in), so that the demo admin can do what `recent_mfa`
guards for ten minutes after logging in. In production neither holds.
"""
