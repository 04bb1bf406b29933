"""Forms: the signed cookie behind their token, and reading each field once, refused by its label."""

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from inspections.record.configuration import Configuration
from inspections.record.errors import HouseError

LONGEST_TEXT = 2_000
_MOST_DIGITS = 12
# Days that a person means: others are mistyped, and what is counted from them leaves the calendar.
_FIRST_YEAR, _LAST_YEAR = 1950, 2200


class FormSession(SecureCookieSessionInterface):
    """The signed cookie that forms are protected with; its key is read, or made, at the first request."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The serializer with the house's key: a command that serves nobody never makes that key."""
        if not app.secret_key:
            app.secret_key = cast(Configuration, app.extensions["configuration"]).secret
        return super().get_signing_serializer(app)


class FormError(HouseError):
    """A field of a form that was left out or does not read."""


def is_typed(key: object = "") -> bool:
    """Whether this page answers a form of it that was sent; `key` tells the forms of one page apart."""
    return request.method == "POST" and request.form.get("form", "") == str(key)


def typed(field: str, otherwise: object, key: object = "") -> object:
    """What was typed into a field of the form that was sent, so that a refusal loses nothing."""
    return request.form[field] if is_typed(key) and field in request.form else otherwise


def typed_at(address: str, **row: object) -> Callable[..., object]:
    """What was typed into the form that is sent to an address, where this page answers it.

    `row` tells apart forms that are sent to one address: the fields, with their values, that name the row.
    """
    is_answered = request.method == "POST" and request.path == address
    is_answered &= all(request.form.get(field) == str(value) for field, value in row.items())

    def said(field: str, otherwise: object = "") -> object:
        return request.form[field] if is_answered and field in request.form else otherwise

    return said


def typed_list(field: str, otherwise: Collection[str], key: object = "") -> Collection[str]:
    """What was ticked in the form that was sent."""
    return request.form.getlist(field) if is_typed(key) else otherwise


def text_of(field: str, label: str, *, longest: int = LONGEST_TEXT) -> str:
    """A text that must be there."""
    value = optional_text_of(field, label, longest=longest)
    if value is None:
        raise FormError(f"“{label}”是空的；请填写后再提交。其他内容没有保存。")
    return value


def optional_text_of(field: str, label: str, *, longest: int = LONGEST_TEXT) -> str | None:
    """A text, or none where the field was left empty."""
    value = request.form.get(field, "").strip()
    if len(value) > longest:
        raise FormError(f"“{label}”有 {len(value)} 个字符，最多 {longest} 个；请写短一些。")
    if any(ord(character) < 32 and character not in "\r\n\t" for character in value):
        raise FormError(f"“{label}”里有看不见的控制字符；请删掉后重新输入。")
    return value or None


def day_of(field: str, label: str) -> date:
    """A day that must be there."""
    value = optional_day_of(field, label)
    if value is None:
        raise FormError(f"“{label}”是空的；请选择日期。")
    return value


def optional_day_of(field: str, label: str) -> date | None:
    """A day, or none where the field was left empty."""
    value = request.form.get(field, "").strip()
    if not value:
        return None
    try:
        read = date.fromisoformat(value)
    except ValueError as error:
        raise FormError(f"“{label}”的“{value[:20]}”不是日期；请写成 2026-11-24 的形式。") from error
    _require_our_times(read, label)
    return read


def number_of(field: str, label: str, *, least: int = 0, most: int = 1_000_000) -> int:
    """A whole number within limits that must be there."""
    value = request.form.get(field, "").strip()
    is_number = len(value) <= _MOST_DIGITS and value.isascii() and value.isdigit()
    if not (is_number and least <= int(value) <= most):
        raise FormError(f"“{label}”应是 {least} 到 {most} 的整数，得到“{value[:20]}”；请改正。")
    return int(value)


def decimal_of(field: str, label: str) -> Decimal:
    """A decimal number that must be there."""
    value = request.form.get(field, "").strip()
    try:
        read = Decimal(value)
    except InvalidOperation as error:
        raise FormError(f"“{label}”的“{value[:20]}”不是数字；请改正。") from error
    if not read.is_finite():
        raise FormError(f"“{label}”的“{value[:20]}”不是数字；请改正。")
    return read


def asked(name: str, *, longest: int = 100) -> str:
    """What the address asks for, without what cannot be seen."""
    value = request.args.get(name, "").strip()[:longest]
    return "".join(character for character in value if character.isprintable())


def asked_page() -> int:
    """Which page of a list the address asks for; the first where it does not say."""
    number = request.args.get("page", "1")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1


def _require_our_times(read: date, label: str) -> None:
    if not _FIRST_YEAR <= read.year <= _LAST_YEAR:
        raise FormError(f"“{label}”的年份 {read.year} 不对；请核对日期。")
