"""Dashboard: the event at one glance."""
