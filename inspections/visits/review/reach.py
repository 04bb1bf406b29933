"""Whose a visit is: who took part in it, and which orders and letters follow from one's own visits."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from inspections.campaigns.tables import Assignment
from inspections.units.messages.reach import declare_own_letters
from inspections.units.tables import UnitLink
from inspections.visits.sync.assignments import REPLACED
from inspections.visits.sync.tables import FieldVisit, Order, VisitChange
from inspections.visits.tables import Visit


def visits_with(account_id: int) -> SelectOfScalar[Any]:
    """The visits that an account led, accompanied, or wrote anything of."""
    wrote = select(VisitChange.field_visit_id).where(VisitChange.account_id == account_id)
    return select(FieldVisit.id).where(
        (col(FieldVisit.lead_account_id) == account_id)
        | (col(FieldVisit.second_account_id) == account_id)
        | col(FieldVisit.id).in_(wrote)
    )


def visits_followed_by(account_id: int, on: date) -> SelectOfScalar[Any]:
    """The visits whose orders an account follows: its own, and those that it is to re-check by a day."""
    rechecked = (
        select(Assignment.recheck_of_key)
        .where(
            (col(Assignment.lead_account_id) == account_id)
            | (col(Assignment.second_account_id) == account_id)
        )
        .where(col(Assignment.recheck_of_key).is_not(None))
        .where(col(Assignment.release_on).is_not(None), col(Assignment.release_on) <= on)
        .where(col(Assignment.state).not_in(REPLACED))
    )
    return select(FieldVisit.id).where(
        col(FieldVisit.id).in_(visits_with(account_id)) | col(FieldVisit.record_number).in_(rechecked)
    )


def listed_visits_with(account_id: int) -> SelectOfScalar[Any]:
    """The house's own visits, in each of their versions, that came from visits of an account."""
    numbers = select(FieldVisit.record_number).where(col(FieldVisit.id).in_(visits_with(account_id)))
    return select(Visit.id).where(col(Visit.record_key).in_(numbers))


def took_part(session: Session, field_visit_id: int, account_id: int) -> bool:
    """Whether an account took part in a visit."""
    return session.exec(visits_with(account_id).where(FieldVisit.id == field_visit_id)).first() is not None


def _letters_about_orders(session: Session, account_id: int) -> list[str]:
    orders = select(Order.id).where(col(Order.field_visit_id).in_(visits_with(account_id)))
    return [f"order/{order_id}/" for order_id in session.exec(orders)]


def _letters_about_links(session: Session, account_id: int) -> list[str]:
    numbers = select(FieldVisit.record_number).where(col(FieldVisit.id).in_(visits_with(account_id)))
    links = select(UnitLink.id).where(col(UnitLink.record_key).in_(numbers))
    return [f"link/{link_id}/" for link_id in session.exec(links)]


declare_own_letters(_letters_about_orders)
declare_own_letters(_letters_about_links)
