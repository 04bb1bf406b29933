"""The access policy: every endpoint and who may call it. One that is missing here answers 403.

Auditors read every page of the desk and change nothing.
"""

from inspections.people.tables import Role
from inspections.surface.guard import ANYONE, Access

_READERS = frozenset({Role.AUDITOR.value})
_EVERYBODY = frozenset(role.value for role in Role)


def desk(*roles: Role) -> Access:
    """A page of the desk for accounts with one of the roles."""
    return Access(roles=frozenset(role.value for role in roles), readers=_READERS)


def tablet(*roles: Role) -> Access:
    """A call of the tablet application, from a session that was opened on a registered tablet."""
    return Access(roles=frozenset(role.value for role in roles), tablet=True)


ANY_STAFF = Access(roles=_EVERYBODY)

ACCESS_POLICY: dict[str, Access] = {
    # The public site and its search.
    "site.storefront": ANYONE,
    "site.published": ANYONE,
    "search.results": ANYONE,
    # The Inbox: open to anyone, limited in a table.
    "inbox.front": ANYONE,
    "inbox.nominate": ANYONE,
    "inbox.campaign": ANYONE,
    "inbox.voted": ANYONE,
    "inbox.unit": ANYONE,
    "inbox.answered": ANYONE,
    # Signing in and out, and what every member of the staff may see.
    "assets.file": ANYONE,
    "nowhere.unknown_address": ANYONE,
    "people.sign_in_form": ANYONE,
    "people.sign_in_submitted": ANYONE,
    "people.sign_out": ANY_STAFF,
    "people.home": ANY_STAFF,
    "people.account": ANY_STAFF,
    "people.password_changed": ANY_STAFF,
    "people.code_changed": ANY_STAFF,
    "people.session_ended": ANY_STAFF,
    # Accounts, tablets, settings: the administrator, who touches no content.
    "staff.people": desk(Role.ADMINISTRATOR),
    "staff.person_added": desk(Role.ADMINISTRATOR),
    "staff.person": desk(Role.ADMINISTRATOR),
    "staff.person_changed": desk(Role.ADMINISTRATOR),
    "recusals.recusals": desk(Role.ADMINISTRATOR),
    "recusals.recusal_changed": desk(Role.ADMINISTRATOR),
    "staff.tablets": desk(Role.ADMINISTRATOR),
    "staff.tablet_code": desk(Role.ADMINISTRATOR),
    "staff.tablet_code_withdrawn": desk(Role.ADMINISTRATOR),
    "staff.recovery_key_made": desk(Role.ADMINISTRATOR),
    "exports.exports": desk(Role.ADMINISTRATOR),
    "exports.export_opened": desk(Role.ADMINISTRATOR),
    "staff.tablet_revoked": desk(Role.ADMINISTRATOR),
    "staff.settings": desk(Role.ADMINISTRATOR),
    "staff.setting_put": desk(Role.ADMINISTRATOR),
    "staff.own_file_sample": desk(Role.ADMINISTRATOR),
    "staff.own_file_put": desk(Role.ADMINISTRATOR),
    # Whether everything that runs by itself still does.
    "health.page": desk(Role.ADMINISTRATOR),
    "health.signal": ANYONE,
    # The register, imports and rules.
    "units.units": desk(Role.EDITOR, Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR),
    "units.unit": desk(Role.EDITOR, Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR),
    "units.link_revoked": desk(Role.EDITOR),
    "units.imports": desk(Role.EDITOR),
    "units.imported": desk(Role.EDITOR),
    "units.report": desk(Role.EDITOR),
    "units.proposals": desk(Role.EDITOR),
    "units.proposal_decided": desk(Role.EDITOR),
    "batches.batches": desk(Role.EDITOR),
    "batches.imported": desk(Role.EDITOR),
    "batches.batch": desk(Role.EDITOR),
    "batches.released": desk(Role.EDITOR),
    "batches.reviewed": desk(Role.EDITOR),
    "rulebooks.rules": desk(Role.EDITOR, Role.REVIEWER, Role.APPROVER, Role.ADMINISTRATOR),
    "rulebooks.rulebook": desk(Role.EDITOR, Role.REVIEWER, Role.APPROVER, Role.ADMINISTRATOR),
    "rulebooks.value_entered": desk(Role.APPROVER),
    # A reform before it happens: looks, and keeps nothing of what it is sent.
    "reform.form": desk(Role.EDITOR, Role.REVIEWER, Role.APPROVER, Role.ADMINISTRATOR),
    "reform.previewed": desk(Role.EDITOR, Role.REVIEWER, Role.APPROVER, Role.ADMINISTRATOR),
    # Review: visits with their evidence, what they found about the register, what their orders owe.
    "review.waiting": desk(Role.REVIEWER),
    "review.visit": desk(Role.REVIEWER),
    "review.photo": desk(Role.REVIEWER),
    "review.decided": desk(Role.REVIEWER),
    "review.paper": desk(Role.REVIEWER),
    "review.register_decided": desk(Role.REVIEWER),
    "review.register_tasks": desk(Role.EDITOR, Role.REVIEWER),
    "review.register_settled": desk(Role.EDITOR),
    "review.orders": desk(Role.REVIEWER, Role.INSPECTOR, Role.CAMPAIGN_MANAGER),
    "review.order_followed": desk(Role.REVIEWER, Role.INSPECTOR),
    # The outbox, what operators answer, and what follows: letters are delivered by whoever goes there.
    "messages.outbox": desk(Role.EDITOR, Role.REVIEWER, Role.INSPECTOR),
    "messages.message": desk(Role.EDITOR, Role.REVIEWER, Role.INSPECTOR),
    "messages.letter": desk(Role.EDITOR, Role.REVIEWER, Role.INSPECTOR),
    "messages.printed": desk(Role.EDITOR, Role.REVIEWER, Role.INSPECTOR),
    "messages.delivered": desk(Role.EDITOR, Role.REVIEWER, Role.INSPECTOR),
    "messages.withdrawn": desk(Role.EDITOR, Role.REVIEWER),
    "messages.text_tried_again": desk(Role.EDITOR, Role.REVIEWER),
    "review.unit_visits": desk(Role.EDITOR, Role.REVIEWER, Role.CAMPAIGN_MANAGER),
    "review.evidence": desk(Role.REVIEWER, Role.INSPECTOR, Role.CAMPAIGN_MANAGER),
    "units.link_renewed": desk(Role.EDITOR),
    "units.contact_put": desk(Role.EDITOR),
    "people.reporting": Access(roles=frozenset({Role.REPORTING_BODY.value})),
    "audit.entries": desk(),
    # Editions: editors draft, approvers approve and withdraw; whoever drafted never approves.
    "editions.editions": desk(Role.EDITOR, Role.APPROVER),
    "editions.edition": desk(Role.EDITOR, Role.APPROVER),
    "editions.draft": desk(Role.EDITOR),
    "editions.draft_saved": desk(Role.EDITOR),
    "editions.approved": desk(Role.APPROVER),
    "editions.published": desk(Role.APPROVER),
    "editions.withdrawn": desk(Role.APPROVER),
    # Plates: printing and their life are the editors'; others of the desk look.
    "plates.plates": desk(Role.EDITOR, Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR),
    "plates.find": desk(Role.EDITOR, Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR),
    "plates.batch": desk(Role.EDITOR, Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR),
    "plates.door": desk(Role.EDITOR, Role.REVIEWER, Role.CAMPAIGN_MANAGER, Role.ADMINISTRATOR),
    "plates.file": desk(Role.EDITOR),
    "plates.printed": desk(Role.EDITOR),
    "plates.handed_over": desk(Role.EDITOR),
    "plates.door_handed_over": desk(Role.EDITOR),
    "plates.seen": desk(Role.EDITOR),
    "plates.withdrawn": desk(Role.EDITOR),
    "plates.replaced": desk(Role.EDITOR),
    # The tablet's shell: no data in it, so that it opens without a network and before a sign-in.
    "tablet.shell": ANYONE,
    "tablet.shell_below": ANYONE,
    "tablet.worker": ANYONE,
    "tablet.manifest": ANYONE,
    # Calls of the tablet application: inspectors, from a session on a registered tablet.
    "sync.open_session": ANYONE,
    "sync.token": tablet(Role.INSPECTOR),
    "sync.bundle": tablet(Role.INSPECTOR),
    "sync.units": tablet(Role.INSPECTOR),
    "sync.changes": tablet(Role.INSPECTOR),
    "sync.pieces": tablet(Role.INSPECTOR),
    "sync.piece": tablet(Role.INSPECTOR),
    "sync.picture": tablet(Role.INSPECTOR),
    "sync.document": tablet(Role.INSPECTOR),
    # Campaigns, draws and the plan of a year.
    **{
        f"campaigns.{name}": desk(Role.CAMPAIGN_MANAGER)
        for name in (
            *("listing", "new", "new_submitted", "edit", "edit_submitted", "campaign", "pool", "nominations"),
            *("commitment", "value", "draw", "exclude", "substitute", "inspector", "state", "release"),
            *("draw_again", "revealed", "certificate", "photo"),
        )
    },
    **{
        f"plan.{name}": desk(Role.CAMPAIGN_MANAGER)
        for name in (
            *("due", "make", "assign", "visit", "release", "withdraw", "higher"),
            *("higher_submitted", "city", "city_submitted", "city_results"),
        )
    },
}

# The desk's navigation: endpoint and label, in this order; what the policy does not admit is not shown.
NAVIGATION: tuple[tuple[str, str], ...] = (
    ("people.home", "今日"),
    ("campaigns.listing", "随机查餐厅"),
    ("plan.due", "检查计划"),
    ("review.waiting", "复核"),
    ("review.orders", "责令改正"),
    ("messages.outbox", "通知"),
    ("editions.editions", "红黑榜"),
    ("units.units", "名册"),
    ("plates.plates", "公示牌"),
    ("batches.batches", "记录批次"),
    ("rulebooks.rules", "规则"),
    ("staff.people", "人员"),
    ("staff.tablets", "平板"),
    ("staff.settings", "设置"),
    ("health.page", "运行状况"),
    ("audit.entries", "操作记录"),
    ("people.reporting", "报送"),
    ("people.account", "我的账号"),
)
