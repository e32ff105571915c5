"""The guests of an event: the list, where it comes from and the versions it is frozen in."""
