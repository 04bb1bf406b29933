"""Issuing plates: which doors get one, under which number, and how they lie in the print."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session

from inspections.record.audit import declare_event, write_audit
from inspections.record.command_line import CLI
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
from inspections.units.holders import shown_holder
from inspections.units.queries import Door, UnitOnDoor, doors
from inspections.units.tables import UnitState
from publishing.plates.choosing import (
    PlateError,
    Selection,
    chosen_doors,
    is_of_type,
    type_test,
)
from publishing.plates.forms import FORMS, PER_FILE, PrintForm
from publishing.plates.layout import check
from publishing.plates.numbering import Draft, Numbered, number_plates
from publishing.plates.plate import PlateFacts
from publishing.plates.queries import chunks, outdated_plates
from publishing.plates.tables import PlateBatch, PlateBatchPlate

__all__ = ["IssuedPlates", "PlateError", "Selection", "issue_plates", "printable_address"]

PLATES_ISSUED = declare_event("plates_issued", "plates", "again", "public_url", "batch", "form", "chosen")


@dataclass(frozen=True)
class IssuedPlates:
    """The plates to draw; `new` of them were issued by this run, the others say what they said before."""

    plates: tuple[PlateFacts, ...]
    new: int
    vacant: int
    refused: tuple[str, ...]
    batch_id: int | None = None


@dataclass
class _Drafts:
    """What each plate would say, in words the plates that cannot be drawn, and doors where nobody trades."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    vacant: int = 0


def printable_address(settings: Settings, configured: str | None) -> str:
    """The public address that plates are printed under; a loopback or unset one is refused."""
    address = require_public_address(settings, configured)
    if is_loopback_address(address):
        raise PlateError(
            f"公开网址是 {address}，只有这台机器自己打得开，不能印在公示牌上；请先运行 "
            f"{CLI} settings set public_address https://正式域名 --from 日期。"
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
    reason: str = "",
    form: PrintForm = FORMS["a5"],
) -> IssuedPlates:
    """Issue plates for the doors where somebody trades, and record them as one print.

    A plate that would say what the door's newest plate says is that plate once more, with its number and
    date: running twice issues nothing twice. With `anew` (lost, torn down), and after a withdrawal, the next
    number is given. The plate before a new number is replaced from that day on.
    """
    settings = settings_on(session, on)
    address = printable_address(settings, configured_address)
    chosen = chosen_doors(session, selection, address)
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
    found = _drafts(session, chosen.premises_ids, blank, fonts, type_test(selection.unit_type))
    numbered = number_plates(session, found.drafts, actor=actor, now=now, anew=anew, reason=reason)
    batch_id = None
    if numbered.plates:
        batch_id = _record_batch(session, numbered, form, selection.words, actor=actor, now=now)
        fields = {
            "plates": len(numbered.plates),
            "again": len(numbered.plates) - len(numbered.rows),
            "public_url": address,
            "batch": batch_id,
            "form": form.key,
            "chosen": selection.words,
        }
        write_audit(session, PLATES_ISSUED, actor=actor, now=now, fields=fields)
    refused = (*chosen.faults, *found.refused)
    return IssuedPlates(tuple(numbered.plates), len(numbered.rows), found.vacant, refused, batch_id)


def _drafts(
    session: Session,
    chosen: Sequence[int],
    blank: PlateFacts,
    fonts: PrintFonts,
    unit_type: tuple[str, str | None] | None,
) -> _Drafts:
    drafts = _Drafts()
    for part in chunks(chosen):
        found = doors(session, part, blank.printed_on)
        for door in (found[premises_id] for premises_id in part):
            if door.unit is None or not is_of_type(door.unit, unit_type):
                drafts.vacant += unit_type is None
                continue
            if not _trades(door.unit, blank.printed_on):
                drafts.vacant += 1
                continue
            facts = replace(blank, code=door.code, sign_name=_name_of(door.unit), address=_address_of(door))
            try:
                check(facts, fonts)
            except HouseError as error:
                drafts.refused.append(f"{door.code} 没有制牌：{error}")
            else:
                drafts.drafts.append(Draft(door.premises_id, facts))
    return drafts


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


def _record_batch(
    session: Session, numbered: Numbered, form: PrintForm, chosen: str, *, actor: str, now: datetime
) -> int:
    batch = PlateBatch(
        made_at=now,
        made_by=actor,
        form=form.key,
        chosen=chosen,
        plates=len(numbered.plates),
        per_file=PER_FILE,
    )
    session.add(batch)
    session.flush()
    batch_id = batch.id or 0
    places = [
        {"batch_id": batch_id, "plate_id": plate_id, "place": place}
        for place, plate_id in enumerate(numbered.plate_ids, 1)
    ]
    insert_rows(session, table_of(PlateBatchPlate), places)
    return batch_id


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
    return [*lines, f"旧网址请继续转到新网址，直到全部换完；重制：{CLI} plates print --outdated。"]


declare_notice("public_address", plates_under_former_addresses)
