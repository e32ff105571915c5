"""The guests' calendars: what each holds, and the updates that keep it true."""
