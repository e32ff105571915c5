"""Organisers: people who sign in, by a link that works once."""
