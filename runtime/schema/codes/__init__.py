"""Code lists: what is published, by source format, turned into the EU code lists' codes."""
