"""Gathers the pages of draws: an announcement before the reveal, the certificate with its checks after it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import Session

from inspections.campaigns.public_view import (
    PublicCampaign,
    public_campaigns,
    public_certificate,
    public_nominations,
)
from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.evidence import place_of
from publishing.editions.queries import draw_path
from publishing.public_facts import (
    CampaignDrawFacts,
    DrawEventFacts,
    DrawFacts,
    DrawLink,
    DrawnUnitFacts,
    NominationLink,
    OpenedDrawFacts,
    StratumFacts,
    Words,
)
from publishing.site.pages import Kind, PageFacts, page_path
from publishing.site.terms import Terms

CERTIFICATE = "draw.json"
_PNG = b"\x89PNG\r\n\x1a\n"
_SHOWN_DIGITS = 12
_FILES = ("verify.mjs", "overdue.mjs", "verify_draw.py")
_EVENTS = {
    "committed": Words("公布承诺", "Commitment published"),
    "value_entered": Words("录入公开值", "Public value entered"),
    "drawn": Words("抽取", "Drawn"),
    "excluded": Words("排除", "Excluded"),
    "substitute_opened": Words("打开递补", "Substitute opened"),
    "inspector_replaced": Words("更换检查人员", "Inspector replaced"),
    "redrawn": Words("作废，重新抽取", "Given up for another draw"),
    "revealed": Words("公布名单", "Revealed"),
}


def draws_on(session: Session, terms: Terms) -> list[PublicCampaign]:
    """The campaigns with a public commitment on the day, the newest month first."""
    return public_campaigns(session, terms.on)


def draw_pages(
    session: Session, campaigns: Iterable[PublicCampaign], terms: Terms, evidence: Path
) -> list[PageFacts]:
    """The page and the certificate of each campaign, with the pictures of its public values."""
    pages = []
    for campaign in campaigns:
        certificate = public_certificate(session, campaign)
        pictures = dict(_pictures(campaign, certificate, evidence))
        facts = campaign_facts(campaign, certificate, terms.on, pictures)
        # An overdue reveal shows by itself: from that day on the page reads differently.
        overdue_on = campaign.reveal_by + timedelta(days=1)
        changes_on = overdue_on if facts.revealed_on is None and not facts.is_overdue else None
        folder = facts.path.strip("/")
        subject = ("draw", campaign.campaign_id)
        pages.append(PageFacts(page_path(facts.path), *subject, Kind.DRAW, (facts,), changes_on))
        pages.append(
            PageFacts(f"{folder}/{CERTIFICATE}", *subject, Kind.FILE, (_json(certificate),), changes_on)
        )
        for name, content in pictures.values():
            pages.append(PageFacts(f"{folder}/{name}", *subject, Kind.FILE, (content,), changes_on))
    return pages


def _pictures(
    campaign: PublicCampaign, certificate: Mapping[str, Any], evidence: Path
) -> Iterable[tuple[int, tuple[str, bytes]]]:
    """The name and the bytes of the picture of each draw's value; the bytes are what the certificate names.

    A picture that lies no longer in its place is left out: `verify` names it, and the list still appears.
    """
    if campaign.revealed_on is None:
        return
    for draw in certificate["draws"]:
        sha256 = (draw["value"] or {}).get("photo_sha256")
        path = place_of(evidence, sha256) if sha256 else None
        if path is not None and path.is_file():
            content = path.read_bytes()
            suffix = "png" if content.startswith(_PNG) else "jpg"
            yield draw["number"], (f"value-{draw['number']}.{suffix}", content)


def verifier_pages(campaigns: Sequence[PublicCampaign]) -> list[PageFacts]:
    """The files that pages of draws use, or that recompute a certificate by themselves; none without one."""
    if not campaigns:
        return []
    return [PageFacts(f"draws/{name}", "site", 0, Kind.FILE, (_file(name),)) for name in _FILES]


def draw_links(campaigns: Iterable[PublicCampaign]) -> list[DrawLink]:
    """The way to each campaign's page."""
    return [
        DrawLink(draw_path(one.key), one.title, one.theme, one.revealed_on is not None) for one in campaigns
    ]


def nomination_link(session: Session, now: datetime) -> NominationLink | None:
    """The way to the campaign that asks the public at an instant; none where nobody is asked."""
    found = public_nominations(session, now)
    if not found:
        return None
    return NominationLink(f"/in/nominate/{found[0].key}", found[0].title, found[0].theme, found[0].until)


def campaign_facts(
    campaign: PublicCampaign,
    certificate: Mapping[str, Any],
    on: date,
    pictures: Mapping[int, tuple[str, bytes]],
) -> CampaignDrawFacts:
    """What the page of a campaign's draws shows on a day."""
    path = draw_path(campaign.key)
    addresses = {number: path + name for number, (name, _) in pictures.items()}
    opened = _opened_draws(certificate, addresses) if campaign.revealed_on is not None else {}
    return CampaignDrawFacts(
        key=campaign.key,
        path=path,
        title=campaign.title,
        theme=campaign.theme,
        pool=campaign.pool,
        strata=campaign.strata,
        weights=tuple(sorted(campaign.weights.items())),
        draw_count=campaign.draw_count,
        guests=campaign.guests,
        reveal_by=campaign.reveal_by,
        revealed_on=campaign.revealed_on,
        is_overdue=campaign.revealed_on is None and on > campaign.reveal_by,
        draws=tuple(
            DrawFacts(
                number=draw.number,
                source=draw.source,
                value_at=draw.value_at,
                committed_at=draw.committed_at,
                roster_sha256=draw.roster_sha256,
                nonce_sha256=draw.nonce_sha256,
                opened=opened.get(draw.number),
            )
            for draw in campaign.draws
        ),
    )


def _opened_draws(certificate: Mapping[str, Any], pictures: Mapping[int, str]) -> dict[int, OpenedDrawFacts]:
    return {draw["number"]: _opened(draw, pictures.get(draw["number"])) for draw in certificate["draws"]}


def _opened(draw: Mapping[str, Any], picture: str | None) -> OpenedDrawFacts:
    roster, value = draw["roster"], draw["value"] or {}
    return OpenedDrawFacts(
        nonce=draw["nonce"],
        value=value.get("text"),
        value_source=value.get("source", ""),
        value_known_at=_instant(value["known_at"]) if value else None,
        value_link=value.get("link"),
        value_photo=value.get("photo_sha256"),
        value_picture=picture,
        seed=draw["seed"],
        pool_size=len(roster["units"]),
        inspectors=len(roster["inspectors"]),
        load=roster["load"],
        strata=tuple(StratumFacts(s["name"], s["weight"], s["size"], s["quota"]) for s in roster["strata"]),
        units=tuple(_unit(one) for one in draw["selection"]),
        events=tuple(_event(one) for one in draw["events"]),
        is_void=any(one["kind"] == "redrawn" for one in draw["events"]),
    )


def _unit(one: Mapping[str, Any]) -> DrawnUnitFacts:
    return DrawnUnitFacts(
        code=one["unit"],
        stratum=one["stratum"],
        place=one["place"],
        ticket=one["ticket"][:_SHOWN_DIGITS],
        inspectors=tuple(one["inspectors"]),
        replaces=one["replaces"],
        is_out=one["is_out"],
    )


def _event(one: Mapping[str, Any]) -> DrawEventFacts:
    return DrawEventFacts(
        what=_EVENTS[one["kind"]],
        happened_at=_instant(one["at"]),
        code=one.get("unit"),
        replaces=one.get("replaces"),
        inspector=one.get("inspector"),
        reason=one.get("reason", ""),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _json(certificate: Mapping[str, Any]) -> bytes:
    return (json.dumps(certificate, ensure_ascii=False, indent=1) + "\n").encode()


@cache
def _file(name: str) -> bytes:
    return (PACKAGE_ROOT / "static" / "draw" / name).read_bytes()
