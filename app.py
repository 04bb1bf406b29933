"""Composition root: the Flask application and the command line. No rule, no query."""

import click
from flask import Flask

from inspections.people.commands import people
from inspections.people.opening_commands import init
from inspections.record.commands import migrate, settings
from inspections.record.configuration import Configuration
from inspections.surface.terminal import for_people


def create_app(configuration: Configuration | None = None) -> Flask:
    """The application for one data directory."""
    configuration = configuration or Configuration()
    app = Flask(__name__, static_folder=None, template_folder=None)
    register_commands(app)
    return app


def register_commands(app: Flask) -> None:
    """Hang every room's commands on the command line."""
    app.cli.add_command(for_people(migrate, needs_current_schema=False))
    for command in (init, settings, people, imports):
        app.cli.add_command(for_people(command))


@click.group("import")
def imports() -> None:
    """导入：名册、检查记录、LIVES 数据、已公示的榜单。"""
