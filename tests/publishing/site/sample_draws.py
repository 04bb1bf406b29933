"""Made-up draws for their page: announced, overdue, drawn anew, revealed with everything that can happen."""

from datetime import date, datetime
from typing import Any

from inspections.campaigns.public_view import PublicCampaign, PublicDraw
from publishing.public_facts import CampaignDrawFacts
from publishing.site.draws import campaign_facts
from tests.campaigns.drawing import made_up

REVEAL_BY = date(2026, 11, 23)


def facts_of(
    certificate: dict[str, Any], *, revealed: bool = True, on: date = date(2026, 11, 20)
) -> CampaignDrawFacts:
    """What the page of a certificate shows, before or after its reveal."""
    draws = tuple(
        PublicDraw(
            number=one["number"],
            source=one["commitment"]["source"],
            value_at=datetime.fromisoformat(one["commitment"]["value_at"]),
            committed_at=datetime.fromisoformat(one["commitment"]["committed_at"]),
            roster_sha256=one["commitment"]["roster_sha256"],
            nonce_sha256=one["commitment"]["nonce_sha256"],
        )
        for one in certificate["draws"]
    )
    campaign = PublicCampaign(
        campaign_id=1,
        key=certificate["campaign"],
        title=certificate["title"],
        theme=certificate["theme"],
        pool="在营餐饮服务单位中：街镇为杨柳镇、中北镇，业态为餐馆、小吃店；另加入群众点检满 20 票的单位。",
        strata=certificate["strata"],
        weights=certificate["weights"],
        draw_count=12,
        guests=(("人大代表", 1), ("消费者代表", 2)),
        reveal_by=REVEAL_BY,
        revealed_on=date(2026, 11, 20) if revealed else None,
        draws=draws,
    )
    return campaign_facts(campaign, certificate, on, {1: ("value-1.jpg", b"")})


DRAWS: dict[str, CampaignDrawFacts] = {
    "announced": facts_of(made_up.certificate(1, draws=1), revealed=False),
    "overdue": facts_of(made_up.certificate(1, draws=1), revealed=False, on=date(2026, 11, 24)),
    "announced anew": facts_of(made_up.certificate(1, draws=2), revealed=False),
    "revealed": facts_of(made_up.certificate(1, draws=1)),
    "revealed after a redraw": facts_of(made_up.certificate(7, draws=2)),
    "never drawn": facts_of(made_up.never_drawn()),
}
