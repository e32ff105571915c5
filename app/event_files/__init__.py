"""Event files in the database: loading one creates its event or brings it in line."""
