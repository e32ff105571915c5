"""Digests: the weekly decision paper by mail."""
