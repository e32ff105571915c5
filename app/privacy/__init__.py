"""Privacy: what is kept of guests' health, and its erasure when its purpose is over."""
