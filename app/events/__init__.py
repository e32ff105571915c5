"""Events: the occasion, its hosts, and the files it is loaded from."""
