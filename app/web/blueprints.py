"""Every page of the product, registered in one place."""

from flask import Flask
from flask_wtf import CSRFProtect

from app.web import health

csrf = CSRFProtect()


def register(app: Flask) -> None:
    csrf.init_app(app)
    app.register_blueprint(health.blueprint)
