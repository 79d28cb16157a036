"""Merge: the packages of a year become one published year, or the old one stays as it is."""
