"""What runs in AWS: transfer, extract, merge, and what they share."""

__version__ = "0.1.0"
