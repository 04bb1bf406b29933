"""Issuing plates: which doors get one, under which number, and which ones lead to a former address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from inspections.record.audit import declare_event, write_audit
from inspections.record.database import insert_rows, table_of
from inspections.record.errors import HouseError
from inspections.record.marks import is_demonstration
from inspections.record.settings import (
    Settings,
    declare_notice,
    is_loopback_address,
    require_public_address,
    settings_on,
)
from inspections.surface.fonts import PrintFonts
from inspections.units.codes import parse_code, suggest_code
from inspections.units.holders import shown_holder
from inspections.units.queries import Door, UnitOnDoor, doors
from inspections.units.tables import UnitState
from publishing.plates.layout import check
from publishing.plates.plate import PlateFacts
from publishing.plates.queries import (
    chunks,
    existing_codes,
    newest_plates,
    outdated_plates,
    premises_in_order,
    streets,
)
from publishing.plates.tables import Plate

PLATES_ISSUED = declare_event("plates_issued", "plates", "again", "public_url", "street", "code")


class PlateError(HouseError):
    """A plate may not or cannot be made."""


@dataclass(frozen=True)
class Selection:
    """Which doors: of a street, of one code, or only those whose plate leads to a former address."""

    street: str | None = None
    code: str | None = None
    only_outdated: bool = False


@dataclass(frozen=True)
class IssuedPlates:
    """The plates to draw; `new` of them were issued by this run, the others say what they said before."""

    plates: tuple[PlateFacts, ...]
    new: int
    vacant: int
    refused: tuple[str, ...]


@dataclass(frozen=True)
class _Draft:
    premises_id: int
    facts: PlateFacts


def printable_address(settings: Settings, configured: str | None) -> str:
    """The public address that plates are printed under; a loopback or unset one is refused."""
    address = require_public_address(settings, configured)
    if is_loopback_address(address):
        raise PlateError(
            f"公开网址是 {address}，只有这台机器自己打得开，不能印在公示牌上；请先运行 "
            "flask --app app settings set public_address https://正式域名 --from 日期。"
        )
    return address


def issue_plates(
    session: Session,
    selection: Selection,
    *,
    fonts: PrintFonts,
    configured_address: str | None,
    on: date,
    actor: str,
    now: datetime,
    anew: bool = False,
) -> IssuedPlates:
    """Issue plates for the doors where somebody trades, and record them.

    A plate that would say what the door's newest plate says is that plate once more, with its number and
    date: running twice issues nothing twice. With `anew` (lost, torn down) the next number is given.
    """
    settings = settings_on(session, on)
    address = printable_address(settings, configured_address)
    chosen = _chosen(session, selection, address)
    blank = PlateFacts(
        code="",
        public_url=address,
        sign_name="",
        address="",
        authority=settings.text("authority"),
        issue_no=1,
        printed_on=on,
        is_demonstration=is_demonstration(session),
    )
    drafts, refused = _drafts(session, chosen, blank, fonts)
    plates, rows = _numbered(session, drafts, actor=actor, anew=anew)
    insert_rows(session, table_of(Plate), rows)
    if plates:
        fields = {
            "plates": len(plates),
            "again": len(plates) - len(rows),
            "public_url": address,
            "street": selection.street,
            "code": selection.code,
        }
        write_audit(session, PLATES_ISSUED, actor=actor, now=now, fields=fields)
    return IssuedPlates(tuple(plates), len(rows), len(chosen) - len(drafts) - len(refused), tuple(refused))


def _chosen(session: Session, selection: Selection, address: str) -> list[int]:
    code = _known_code(session, selection.code) if selection.code is not None else None
    chosen = premises_in_order(session, street=selection.street, code=code)
    if not chosen and selection.street is not None:
        known = "、".join(streets(session)) or "（名册是空的）"
        raise PlateError(f"名册里没有街道（镇）“{selection.street}”；名册里有：{known}。")
    if selection.only_outdated:
        outdated = {plate.premises_id for plate in outdated_plates(session, address)}
        chosen = [premises_id for premises_id in chosen if premises_id in outdated]
    return chosen


def _known_code(session: Session, typed: str) -> str:
    code = parse_code(typed)
    if code is not None and existing_codes(session, [code]):
        return code
    near = suggest_code(typed, lambda codes: existing_codes(session, codes))
    cure = f"是不是 {near}？" if near else "请照公示牌或名册核对。"
    raise PlateError(f"没有门店码“{typed}”；{cure}")


def _drafts(
    session: Session, chosen: Sequence[int], blank: PlateFacts, fonts: PrintFonts
) -> tuple[list[_Draft], list[str]]:
    """What each plate would say, and in words the plates that cannot be drawn."""
    drafts: list[_Draft] = []
    refused: list[str] = []
    for part in chunks(chosen):
        found = doors(session, part, blank.printed_on)
        for door in (found[premises_id] for premises_id in part):
            if door.unit is None or not _trades(door.unit, blank.printed_on):
                continue
            facts = replace(blank, code=door.code, sign_name=_name_of(door.unit), address=_address_of(door))
            try:
                check(facts, fonts)
            except HouseError as error:
                refused.append(f"{door.code} 没有制牌：{error}")
            else:
                drafts.append(_Draft(door.premises_id, facts))
    return drafts, refused


def _trades(unit: UnitOnDoor, on: date) -> bool:
    is_over = unit.until_on is not None and unit.until_on < on
    return not is_over and unit.version.state not in (UnitState.CLOSED, UnitState.MOVED)


def _name_of(unit: UnitOnDoor) -> str:
    """The sign; where there is none, the holder as it may be shown."""
    return unit.version.sign_name or shown_holder(
        unit.version.licence_name,
        holder_is_natural_person=unit.version.holder_is_natural_person,
        credit_code=unit.credit_code,
    )


def _address_of(door: Door) -> str:
    """The address, with its street or town where it does not name it itself."""
    return door.address if door.street in door.address else f"{door.street}{door.address}"


def _numbered(
    session: Session, drafts: Sequence[_Draft], *, actor: str, anew: bool
) -> tuple[list[PlateFacts], list[dict[str, object]]]:
    """The plates with their numbers and dates, and the rows of those that are issued now."""
    plates: list[PlateFacts] = []
    rows: list[dict[str, object]] = []
    for part in chunks([draft.premises_id for draft in drafts]):
        newest = newest_plates(session, part)
        for draft in drafts[len(plates) : len(plates) + len(part)]:
            last = newest.get(draft.premises_id)
            if last is not None and last.shown_sha256 == draft.facts.shown_sha256 and not anew:
                plates.append(replace(draft.facts, issue_no=last.issue_no, printed_on=last.printed_on))
                continue
            facts = replace(draft.facts, issue_no=last.issue_no + 1 if last else 1)
            plates.append(facts)
            rows.append(_row(draft.premises_id, facts, actor))
    return plates, rows


def _row(premises_id: int, facts: PlateFacts, actor: str) -> dict[str, object]:
    return {
        "premises_id": premises_id,
        "issue_no": facts.issue_no,
        "printed_on": facts.printed_on,
        "public_url": facts.public_url,
        "printed_by": actor,
        "shown_sha256": facts.shown_sha256,
    }


def plates_under_former_addresses(session: Session, settings: Settings) -> list[str]:
    """The plates on the walls that lead to another address than the one in force, for people."""
    address = settings.optional_text("public_address")
    outdated = outdated_plates(session, address) if address else []
    if not outdated:
        return []
    lines = [f"有 {len(outdated)} 块公示牌印的不是 {address}，应当换新："]
    lines += [
        f"  {plate.code}　{plate.street}　{plate.address}　第 {plate.issue_no} 次制发，"
        f"{plate.printed_on}，{plate.public_url}"
        for plate in outdated
    ]
    return [*lines, "旧网址请继续转到新网址，直到全部换完；重制：flask --app app plates --outdated。"]


declare_notice("public_address", plates_under_former_addresses)
