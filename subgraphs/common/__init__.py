"""What the five subgraphs share, and the only thing they share.

`settings` and `command` start a process, `web` is its HTTP shell, `database` its sessions, `auth` says who asks,
`internal` carries signed requests between services, `errors` and `graphql_types` are the shareable part of the schema,
`money` and `pagination` the two rules that every list and price obeys.
"""
