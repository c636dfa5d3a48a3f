"""What people say about themselves: names, phone, address, locale. `auth` decides who they are.

Owns the tables `profiles`, `erasure_requests` and `erasure_steps`, and of `User` the fields displayName,
fullName, phone, address, avatarUrl, locale, createdAt and updatedAt. Copies of e-mail, role and status are
kept (by version) only to search and count. A profile is made on demand: who is missing here is looked up in
auth, all of a request's in one call.

displayName and avatarUrl are for everybody; the rest for the person and the scope users:read. A deleted user
stays as a tombstone, because orders and reviews still point at it.
"""
