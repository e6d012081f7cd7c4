"""`c2c demo`: fill a demonstration through the real services, and get tokens for it."""

from services.cli.demo.commands import app

__all__ = ["app"]
