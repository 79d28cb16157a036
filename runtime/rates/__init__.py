"""Exchange rates: the ECB's history, mirrored like a package, and the table that is made from it."""
