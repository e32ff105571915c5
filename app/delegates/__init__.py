"""Delegates: who may answer for a guest, by a link of their own."""
