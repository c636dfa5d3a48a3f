"""The embedded default: everything on this machine from one command, `python -m stack up`.

Postgres as a supervised child, migrations, demo data, the five subgraphs and the router as processes
that end with their launcher. It knows the others only by their command lines and by HTTP.
"""
