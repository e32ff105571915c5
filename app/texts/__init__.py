"""The organiser's own words for the mails of an event, each version kept."""
