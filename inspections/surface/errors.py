"""Errors as sentences: one JSON shape for programs, one page for the staff; no exception's text is shown."""

from flask import Blueprint, Response, abort, jsonify, make_response
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from inspections.record.errors import HouseError
from inspections.surface.headers import with_staff_headers
from inspections.surface.staff import staff_page

_HEADINGS = {
    400: "请求看不懂",
    401: "请先登录",
    403: "这里不对您开放",
    404: "没有这一页",
    405: "不能这样操作",
    409: "刚刚有变化",
    413: "内容太大",
    415: "格式不对",
    422: "内容不对",
    429: "太频繁了",
    500: "系统出错了",
}
_SENTENCES = {
    400: "这次提交不完整或已过期；请回到上一页，刷新后再试。没有保存任何内容。",
    401: "请先登录；已保存的内容都在。",
    403: "您的账号没有这一页的角色；需要时请找管理员。",
    404: "地址不对，或这条记录不存在；请从工作台重新进入。",
    405: "这个地址不接受这样的操作；请从工作台重新进入。",
    409: "别人刚刚改过；请刷新后再试。",
    413: "提交的内容超过允许的大小；请缩小后再试。",
    415: "提交的内容格式不对；请核对后再试。",
    422: "提交的内容不符合要求；请核对后再试。",
    429: "尝试太频繁；请稍等再试。",
    500: "系统出错，已经记录；已保存的内容都在，请稍后再试。",
}
_WORDS = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
}


nowhere = Blueprint("nowhere", __name__)


@nowhere.route("/desk/<path:rest>", methods=["GET", "POST"])
@nowhere.route("/tablet/<path:rest>", methods=["GET", "POST"])
@nowhere.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown_address(rest: str) -> Response:
    """An address of the staff's surfaces that leads nowhere: never answered by the public site."""
    abort(404)


class ApiError(HouseError):
    """A refusal to a program: status, a machine word, a sentence with its cure, and what was wrong where."""

    def __init__(self, status: int, word: str, sentence: str, errors: list[dict[str, str]] | None = None):
        super().__init__(sentence)
        self.status, self.word, self.errors = status, word, errors or []


def api_error(error: ApiError) -> Response:
    """The one shape of every error of the machine surface."""
    body = {
        "ok": False,
        "status": error.status,
        "word": error.word,
        "error": str(error),
        "errors": error.errors,
    }
    return with_staff_headers(make_response(jsonify(body), error.status))


def api_refusal(error: HTTPException) -> Response:
    """A refusal of the framework, in the machine surface's shape."""
    status = error.code or 500
    if isinstance(error, CSRFError):
        return api_error(ApiError(status, "stale_token", "页面令牌已过期；请重新取得令牌后再传，内容都在。"))
    word = _WORDS.get(status, "refused" if status < 500 else "failed")
    return api_error(ApiError(status, word, _SENTENCES.get(status, _SENTENCES[500 if status > 499 else 400])))


def desk_refusal(status: int, sentence: str | None = None) -> Response:
    """A refusal on the desk: what happened, what is safe, what to do."""
    known = status if status in _HEADINGS else 500 if status > 499 else 400
    page = staff_page(
        "refused.html", status, heading=_HEADINGS[known], sentence=sentence or _SENTENCES[known]
    )
    return with_staff_headers(page)
