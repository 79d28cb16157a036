"""Where each column comes from, by source format, for the data dictionary."""
