"""Decisions: the steering group's register; approving the list is one of them."""
