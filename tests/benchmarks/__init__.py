"""Measured figures, printed as ratios within one run: `make bench`."""
