"""Tests, ring by ring: from one expression to the whole service in a browser."""
