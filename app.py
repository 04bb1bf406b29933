"""Composition root: the Flask application, its access policy, and the command line. No rule, no query."""

import logging

import click
from flask import Flask, Response, current_app, request
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, InternalServerError

from inspections.campaigns.commands import draw
from inspections.campaigns.plan_commands import year_plan
from inspections.campaigns.web_day import campaign_pages
from inspections.campaigns.web_plan import plan_pages
from inspections.inbox.commands import migrate
from inspections.inbox.web import inbox
from inspections.people.access import ACCESS_POLICY
from inspections.people.audit_web import audit_pages
from inspections.people.certificate_commands import certificate
from inspections.people.setting_commands import settings
from inspections.people.staff_web import staff_pages
from inspections.people.web import desk_shell, people_pages, who_asks
from inspections.record.configuration import Configuration
from inspections.record.errors import HouseError
from inspections.record.house import open_house
from inspections.rulebooks.commands import rulebook
from inspections.rulebooks.opening_commands import init
from inspections.rulebooks.show_commands import diff, show, try_draft
from inspections.rulebooks.web import rule_pages
from inspections.surface.assets import asset_url, assets
from inspections.surface.errors import ApiError, api_error, api_refusal, desk_refusal, nowhere
from inspections.surface.formatters import FORMATTERS
from inspections.surface.forms import FormSession, is_typed, typed, typed_at, typed_list
from inspections.surface.guard import close_by_default, number_rows, refuse_zero_bytes
from inspections.surface.headers import public_headers, with_staff_headers
from inspections.surface.terminal import for_people
from inspections.units.commands import import_units, template_units, units
from inspections.units.messages.web import message_pages
from inspections.units.recusal_web import recusal_pages
from inspections.units.web import unit_pages
from inspections.visits.batch_web import batch_pages
from inspections.visits.commands import adjust, grade, import_visits, template_visits, visits
from inspections.visits.lives_commands import import_lives
from inspections.visits.reform.commands import preview_reform
from inspections.visits.reform.web import reform_pages
from inspections.visits.review.web import review_pages
from inspections.visits.sync.export_commands import people
from inspections.visits.sync.export_web import export_pages
from inspections.visits.sync.web import open_session, tablet_calls
from inspections.visits.tablet_web import tablet
from publishing.commands import health, jobs, scheduler, serve, verify
from publishing.demonstration.commands import seed
from publishing.editions.commands import edition, import_editions
from publishing.editions.web import edition_pages
from publishing.health_web import health_pages
from publishing.keeping import backup, restore
from publishing.plates.commands import plates
from publishing.plates.web import plate_pages
from publishing.search.web import search
from publishing.site.commands import publish
from publishing.site.styles import style_hashes
from publishing.site.web import site

_DESK = ("/desk", "/tablet")
LARGEST_REQUEST = 64 * 1024 * 1024


def create_app(configuration: Configuration | None = None) -> Flask:
    """The application for one data directory, with the surfaces that the configuration names."""
    configuration = configuration or Configuration()
    app = Flask(__name__, static_folder=None, template_folder="templates")
    number_rows(app)
    app.config["SITE_DIRECTORY"] = configuration.site_directory
    app.config["SEARCH_FILE"] = configuration.search_file
    app.extensions["configuration"] = configuration
    if configuration.serves("staff") or configuration.serves("inbox"):
        _open_forms(app)
    if configuration.serves("staff"):
        _open_staff_surface(app, configuration)
    if configuration.serves("inbox"):
        app.register_blueprint(inbox)
    if configuration.serves("public"):
        app.register_blueprint(search)
        app.register_blueprint(site)
    refuse_zero_bytes(app, (*_DESK, "/api/", "/in/"))
    close_by_default(app, ACCESS_POLICY, who_asks, "people.sign_in_form")
    app.register_error_handler(HTTPException, _refusal)
    app.register_error_handler(ApiError, api_error)
    app.register_error_handler(HouseError, _sentence)
    app.register_error_handler(Exception, _failure)
    register_commands(app)
    return app


def _open_forms(app: Flask) -> None:
    """What pages with forms need: the signed cookie behind their token, strict templates, style sheets."""
    app.session_interface = FormSession()
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["SESSION_COOKIE_NAME"] = "hhb_form"
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals |= {
        "asset_url": asset_url, "typed": typed, "typed_at": typed_at, "typed_list": typed_list,
        "is_typed": is_typed,
    }  # fmt: skip
    app.jinja_env.filters.update(FORMATTERS)
    protect = CSRFProtect(app)
    # A sign-in on a tablet has no token yet; it is JSON, which no foreign page can send here.
    protect.exempt(open_session)
    app.register_blueprint(assets)


def _open_staff_surface(app: Flask, configuration: Configuration) -> None:
    """Desk, tablet and machine surface: the only ones that can reach the operational database."""
    app.extensions["house"] = open_house(configuration)
    app.context_processor(desk_shell)
    for blueprint in (
        nowhere, people_pages, staff_pages, recusal_pages, campaign_pages, plan_pages, tablet_calls,
        review_pages, tablet, export_pages, edition_pages, unit_pages, message_pages, batch_pages,
        reform_pages, rule_pages, audit_pages, plate_pages, health_pages,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    app.after_request(_staff_answer)


def _staff_answer(response: Response) -> Response:
    """Every answer of the staff's surfaces carries their headers."""
    if request.path.startswith((*_DESK, "/api/")):
        return with_staff_headers(response)
    return response


def _refusal(error: HTTPException) -> Response:
    """Any refusal without a page of its own: one sentence, no inner workings."""
    if request.path.startswith("/api/"):
        return api_refusal(error)
    if request.path.startswith(_DESK) and "house" in current_app.extensions:
        return desk_refusal(error.code or 500)
    words = {400: "请求看不懂，请从首页重新进入。", 403: "这里不开放。", 405: "这里只能查看，不能提交。"}
    text = words.get(error.code or 500, "现在打不开，请稍后再试。")
    headers = public_headers(style_hashes(), https=request.is_secure)
    return Response(f"{text}\n", error.code or 500, headers, mimetype="text/plain")


def _sentence(error: HouseError) -> Response:
    """A refusal with a cure that no view has turned into a message of its own."""
    if request.path.startswith("/api/"):
        return api_error(ApiError(422, "invalid", str(error)))
    if request.path.startswith(_DESK):
        return desk_refusal(422, str(error))
    return _failure(error)


def _failure(error: Exception) -> Response:
    """A fault of ours: logged whole, shown as a sentence."""
    logging.getLogger("honghei").error("request failed", exc_info=error, extra={"path": request.path})
    return _refusal(InternalServerError())


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
    for part in (show, diff, try_draft, preview_reform):
        rulebook.add_command(part)
    for early in (migrate, restore):
        app.cli.add_command(for_people(early, needs_current_schema=False))
    for command in (
        init, settings, people, certificate, imports, templates, units, visits, rulebook, grade,
        adjust, edition, publish, plates, jobs, scheduler, serve, seed, backup, verify, draw, year_plan,
        health,
    ):  # fmt: skip
        app.cli.add_command(for_people(command))
