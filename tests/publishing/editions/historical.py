"""Historical editions for tests: the made-up structure of the real ones, a small one, what is public."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine

from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.database import read_only
from publishing.editions.importing import ImportedEditions
from publishing.editions.queries import PublicEdition, public_editions

STRUCTURE = PACKAGE_ROOT / "seeds" / "editions" / "structure.json"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
Load = Callable[..., ImportedEditions]


def records() -> list[dict[str, Any]]:
    """The made-up structure of the 41 real editions."""
    read: list[dict[str, Any]] = json.loads(STRUCTURE.read_text(encoding="utf-8"))
    return read


def shown(engine: Engine, on: date, *, is_preview: bool = False) -> list[PublicEdition]:
    """The public editions of a day."""
    with read_only(engine) as session:
        return public_editions(session, on=on, is_preview=is_preview)


def edition(**fields: object) -> dict[str, object]:
    """A made-up edition of one red entry."""
    entry = {
        "list": "red",
        "shop_sign": "澄鹿饭店",
        "licence_name": "澄鹿餐饮有限公司",
        "reasons": ["地面干净"],
    }
    plain: dict[str, object] = {
        "id": "X1",
        "authority": "枫桥区市场监督管理局",
        "published_on": "2026-11-01",
        "source_title": "枫桥区红黑榜",
        "entries": [entry],
    }
    return plain | fields
