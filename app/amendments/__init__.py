"""Changing the programme after it was told: seen before it is saved, and followed by calendars."""
