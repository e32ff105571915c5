"""Invitations: waves, links, reminders, and the place ledger."""
