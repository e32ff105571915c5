"""The WSGI entry point: `wsgi:app` for any server, `flask --app wsgi` for the command."""

from app import create_app

app = create_app()
