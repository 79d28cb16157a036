"""`ted report`: a page of pictures from the ledger and the merged tables."""
