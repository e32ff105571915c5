"""Answers: what a guest says to the event, the programme and the dinner."""
