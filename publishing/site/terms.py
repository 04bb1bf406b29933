"""What every page of one publication shares: the site's own facts, terms, and what may be shown at all."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from sqlmodel import Session

from inspections.record.marks import is_demonstration
from inspections.record.settings import Settings, settings_on
from publishing.public_facts import SiteFacts

_PACKAGE = Path(__file__).resolve().parents[2]
# Whatever shapes a page or a search row: when one of these files changes, every page is due.
_SHAPING = (
    ("templates/public", "*.html"),
    ("templates/shells", "*.html"),
    ("templates/components", "*.html"),
    ("static/css", "*.css"),
    # Facts are worded in many rooms: all code counts, and a new version writes every page once.
    ("publishing", "**/*.py"),
    ("inspections", "**/*.py"),
    ("grading", "**/*.py"),
    ("seeds", "*/*.toml"),
)


@dataclass(frozen=True)
class Terms:
    """One day's settings as pages need them."""

    on: date
    site: SiteFacts
    is_preview: bool
    grade_is_public: bool
    results_shown_days: int | None
    red_term_days: int | None
    black_term_days: int | None

    @property
    def may_show_assumed(self) -> bool:
        """Whether a grade or result that rests on assumed values may be shown, marked as such."""
        return self.is_preview or self.site.is_demonstration

    @property
    def may_be_indexed(self) -> bool:
        """Whether search engines may list the site."""
        return not (self.is_preview or self.site.is_demonstration)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that all pages share, apart from the day itself."""
        lasting = replace(self, on=date.min, site=replace(self.site, as_of=None))
        return hashlib.sha256(f"{shape_fingerprint()}\n{lasting!r}".encode()).hexdigest()


def terms_on(session: Session, on: date, *, is_preview: bool = False) -> Terms:
    """The terms in force on a day; an unset setting that every page needs is an error with its cure."""
    # A preview may be of a day before the bureau began, such as one inside the term of a historical edition.
    settings = settings_on(session, on, or_earliest=is_preview)
    return Terms(
        on=on,
        site=_site_facts(settings, on, is_demonstration(session), is_preview=is_preview),
        is_preview=is_preview,
        grade_is_public=settings.is_on("grade_is_public"),
        results_shown_days=settings.count("results_shown_days"),
        red_term_days=settings.count("red_term_days"),
        black_term_days=settings.count("black_term_days"),
    )


def _site_facts(settings: Settings, on: date, demonstration: bool, *, is_preview: bool) -> SiteFacts:
    return SiteFacts(
        title=settings.text("site_title"),
        authority=settings.text("authority"),
        contact=settings.text("contact"),
        complaint_line=settings.text("complaint_line"),
        public_address=settings.text("public_address"),
        organiser=settings.optional_text("organiser"),
        site_identifier=settings.optional_text("site_identifier"),
        website_filing=settings.optional_text("website_filing"),
        police_filing=settings.optional_text("police_filing"),
        is_demonstration=demonstration,
        preview_on=on if is_preview else None,
        as_of=on,
    )


@cache
def shape_fingerprint() -> str:
    """SHA-256 of the templates, style sheets, code and words that shape pages."""
    return fingerprint_of(_PACKAGE)


def fingerprint_of(package: Path) -> str:
    """SHA-256 of what shapes pages in a copy of the program."""
    digest = hashlib.sha256()
    for path in shaping_files(package):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def shaping_files(package: Path = _PACKAGE) -> list[Path]:
    """The files of the program that shape pages, in a fixed order."""
    return [path for folder, pattern in _SHAPING for path in sorted((package / folder).glob(pattern))]
