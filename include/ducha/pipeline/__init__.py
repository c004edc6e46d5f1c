"""The verbs of the week, as the command line and the DAGs call them: plain functions on a connection and a clock.

`fetch` (each unit) → `collect` (the catalogue, the check) → `publish` (release, draft, decision); `week` does it all in
one process. Every verb is keyed and repeatable: called again with nothing new, it changes nothing.
"""
