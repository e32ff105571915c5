"""The couvert command: thin, calls services."""
