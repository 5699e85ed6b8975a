"""Toy cases and evidence for tests."""
