"""Composition root: the Flask application, its access policy, and the command line. No rule, no query."""

import logging

import click
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from inspections.people.commands import people
from inspections.people.setting_commands import settings
from inspections.record.commands import migrate
from inspections.record.configuration import Configuration
from inspections.rulebooks.commands import rulebook
from inspections.rulebooks.opening_commands import init
from inspections.surface.guard import Audience, close_by_default
from inspections.surface.headers import public_headers
from inspections.surface.terminal import for_people
from inspections.units.commands import import_units, template_units, units
from inspections.visits.commands import adjust, grade, import_visits, template_visits, visits
from inspections.visits.lives_commands import import_lives
from publishing.commands import jobs, scheduler, serve, verify
from publishing.demonstration.commands import seed
from publishing.editions.commands import edition, import_editions
from publishing.plates.commands import plates
from publishing.search.web import search
from publishing.site.commands import publish
from publishing.site.styles import style_hashes
from publishing.site.web import site

# Every endpoint and who may call it; one that is missing here answers 403.
ACCESS_POLICY: dict[str, Audience] = {
    "site.storefront": Audience.ANYONE,
    "site.published": Audience.ANYONE,
    "search.results": Audience.ANYONE,
}


def create_app(configuration: Configuration | None = None) -> Flask:
    """The application for one data directory."""
    configuration = configuration or Configuration()
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["SITE_DIRECTORY"] = configuration.site_directory
    app.config["SEARCH_FILE"] = configuration.search_file
    close_by_default(app, ACCESS_POLICY)
    app.register_blueprint(search)
    app.register_blueprint(site)
    app.register_error_handler(HTTPException, _refusal)
    app.register_error_handler(Exception, _failure)
    register_commands(app)
    return app


def _refusal(error: HTTPException) -> Response:
    """Any refusal without a page of its own: one sentence, no inner workings."""
    words = {400: "请求看不懂，请从首页重新进入。", 403: "这里不开放。", 405: "这里只能查看，不能提交。"}
    text = words.get(error.code or 500, "现在打不开，请稍后再试。")
    headers = public_headers(style_hashes(), https=request.is_secure)
    return Response(f"{text}\n", error.code or 500, headers, mimetype="text/plain")


def _failure(error: Exception) -> Response:
    """A fault of ours: logged whole, shown as a sentence."""
    logging.getLogger("honghei").error("request failed", exc_info=error, extra={"path": request.path})
    headers = public_headers(style_hashes(), https=request.is_secure)
    return Response("网站出错了，已经记录；请稍后再试。\n", 500, headers, mimetype="text/plain")


@click.group("import")
def imports() -> None:
    """导入：名册、检查记录、LIVES 数据、已公示的榜单。"""


@click.group("template")
def templates() -> None:
    """写出要填写的空表。"""


def register_commands(app: Flask) -> None:
    """Hang every room's commands on the command line."""
    for part in (import_units, import_visits, import_lives, import_editions):
        imports.add_command(part)
    for part in (template_units, template_visits):
        templates.add_command(part)
    app.cli.add_command(for_people(migrate, needs_current_schema=False))
    for command in (
        init, settings, people, imports, templates, units, visits, rulebook, grade, adjust,
        edition, publish, plates, verify, jobs, scheduler, serve, seed,
    ):  # fmt: skip
        app.cli.add_command(for_people(command))
