"""Requests: what a guest cannot change alone, and an organiser grants or refuses."""
