"""Codes: six digits by mail, for a browser that is to see more than a bearer of the link may."""
