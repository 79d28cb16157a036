"""Athena on a laptop: Trino's SQL over the Glue catalog as registered.

Queries are answered by one of two engines. DuckDB needs no download: a query is read by Trino's grammar, resolved and
typed by Trino's rules, and run where DuckDB is known to mean the same; all else is refused. Trino is Athena's own kind.
SHOW, DESCRIBE and views are answered from the catalog, the same on both. docs/athena.md says what differs.
"""
