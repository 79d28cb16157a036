"""Sandbox: what analysts make goes again when its days are over."""
