"""Deliveries: every mail and its fate; the outbox that is the queue."""
