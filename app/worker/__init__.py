"""The worker: sends what is due."""
