"""A dbt project over the lake: what `ted dbt init` writes; the files in project/ are as dbt reads them."""
