"""Athena on a laptop: Trino's SQL over the Glue catalog as registered, run by DuckDB.

It answers SELECT, views, SHOW and DESCRIBE, and refuses the rest. It is stricter than DuckDB where Athena is (an
unregistered file is invisible, a file whose types differ from the table's is an error) but is not Athena: an average or
quotient of decimals is a double here, and comparing a date with text is let pass.
"""
