"""What stands above an edition's entries, and what only the record of a historical edition says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from inspections.units.personal import mask_numbers
from publishing.editions.day_reading import EntryReading
from publishing.editions.drafts import edition_title
from publishing.editions.history import HistoricalEntry, parse_json, read_record
from publishing.editions.history_fields import NAMING_LABELS, More
from publishing.editions.tables import Edition, EditionEntry, EditionKind, EditionVersion

_SHARED = 4


@dataclass(frozen=True)
class Source:
    """What only the record of a historical edition says: label and text, of the edition and by entry."""

    more: More = ()
    entries: Mapping[int, HistoricalEntry] | None = None


def title_of(edition: Edition) -> str:
    """`2026年第10期`, or a historical edition's own title."""
    if edition.kind is EditionKind.OWN:
        return edition_title(edition.month or edition.key, edition.issue_no)
    return edition.title or neutral_title(edition)


def source_of(session: Session, edition: Edition) -> Source:
    """What the newest record of a historical edition says; nothing for an own one."""
    if edition.kind is EditionKind.OWN:
        return Source()
    query = select(EditionVersion.text).where(EditionVersion.edition_id == edition.id)
    text = session.exec(query.order_by(col(EditionVersion.number).desc())).first()
    read, _ = read_record(parse_json(text or "null"), today=date.max)
    if read is None:
        return Source()
    return Source(masked(read.more), {entry.number: entry for entry in read.entries})


def masked(more: More) -> More:
    """Label and text without numbers of persons."""
    return tuple((label, mask_numbers(text)) for label, text in more)


@dataclass(frozen=True)
class Heading:
    """The texts above the entries that may be shown on the day."""

    title: str
    theme: str | None
    period: str | None
    chosen_how: str
    more: More


def heading_of(
    edition: Edition, source: Source, readings: Sequence[EntryReading], *, names_nobody: bool
) -> Heading:
    """The heading without any text that names an entry which is shown no more (real titles do)."""
    own = edition.kind is EditionKind.OWN
    if names_nobody and not own:
        return Heading(neutral_title(edition), None, None, "", ())
    gone = [name for reading in readings if not reading.is_shown for name in _names(reading.entry, source)]
    title, theme, period = title_of(edition), edition.theme, _period(edition)
    return Heading(
        title=neutral_title(edition) if not own and _tells(title, gone) else as_published(edition, title),
        theme=None if theme is None or _tells(theme, gone) else as_published(edition, theme),
        period=None if period is None or _tells(period, gone) else period,
        chosen_how="" if _tells(edition.chosen_how, gone) else edition.chosen_how,
        more=tuple((label, text) for label, text in source.more if not _tells(text, gone)),
    )


def as_published(edition: Edition, text: str) -> str:
    """A text as a page shows it: own texts were checked, those of others lose numbers of persons."""
    return text if edition.kind is EditionKind.OWN else mask_numbers(text)


def _names(entry: EditionEntry, source: Source) -> list[str]:
    names = [entry.sign_name, entry.holder_shown]
    read = (source.entries or {}).get(entry.number)
    if read is not None:
        names += [text for label, text in read.more if label in NAMING_LABELS]
    return [name for name in names if name]


def _tells(text: str, names: Sequence[str]) -> bool:
    """Whether a text holds one of the names, or four characters of one."""
    return any(
        name in text or any(name[at : at + _SHARED] in text for at in range(max(0, len(name) - _SHARED + 1)))
        for name in names
        if len(name) > 1
    )


def neutral_title(edition: Edition) -> str:
    """A title that names nobody."""
    day = edition.published_on
    return f"{day.year}年{day.month}月{day.day}日的公示" if day is not None else "没有公示日期的榜单"


def _period(edition: Edition) -> str | None:
    if edition.kind is EditionKind.OWN:
        month = edition.month or edition.key
        return f"{month[:4]}年{int(month[5:7])}月"
    return edition.period
