"""Who trades in the demonstration district: shops, chains, stalls, canteens, kitchens that deliver."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from inspections.units.register_file import UnitRow
from inspections.units.tables import OpenKitchenForm
from publishing.demonstration.canteens import Institution, institutions
from publishing.demonstration.chance import Chance
from publishing.demonstration.days import some_workday, years_later
from publishing.demonstration.doors import DoorMaker, stalls
from publishing.demonstration.names import NameMaker
from publishing.demonstration.numbers import credit_code, licence_number
from publishing.demonstration.units import Door, Unit
from publishing.demonstration.words import Trade, chains, trades

_STALL_TRADES = ("snack", "noodle", "fast", "drink")
_FORMS = tuple(OpenKitchenForm)
_FORM_WEIGHTS = {"restaurant": (40, 18, 12, 18, 12), "drink_shop": (45, 40, 15, 0, 0)}
_USUAL_FORMS = (52, 16, 12, 14, 6)
_YEARS_VALID = 5


@dataclass(frozen=True)
class Draft:
    """A unit before it has numbers: what is known of it and who holds the licence (`91` company …)."""

    trade: str
    care: int
    holder: str
    row: UnitRow


def population(chance: Chance, first_day: date) -> list[Unit]:
    """Everybody who trades on the first day, numbered in the order of their licences."""
    maker = _Maker(chance, first_day)
    drafts = [*maker.shops(), *maker.chains(), *maker.institutions()]
    drafts.sort(key=lambda draft: (draft.row.licence_from_on or date.min, draft.row.address))
    return [numbered(draft, index) for index, draft in enumerate(drafts)]


def numbered(draft: Draft, index: int) -> Unit:
    """Give a unit its key, licence number and credit code."""
    kind = 3 if draft.row.unit_type.endswith("canteen") else 2
    row = replace(
        draft.row, licence_number=licence_number(kind, index), credit_code=credit_code(draft.holder, index)
    )
    return Unit(f"u{index:04}", draft.trade, draft.care, row)


def shop(
    chance: Chance, names: NameMaker, trade: Trade, door: Door, *, opened_on: date, sign: str | None = None
) -> Draft:
    """One shop of a trade behind a door."""
    sign = sign or names.sign(trade)
    area = _within(chance, trade.area)
    is_company = chance.percent(75 if area > 300 else 22)
    row = UnitRow(
        licence_name=names.company(sign) if is_company else names.household(sign, door.street, trade),
        address=door.address,
        street=door.street,
        door_label=door.label,
        unit_type=trade.unit_type,
        sign_name=sign,
        holder_is_natural_person=False,
        area_m2=Decimal(area),
        seats=_seats(chance, area, trade.seats),
        food_categories=",".join(trade.categories),
        licence_from_on=opened_on,
        licence_until_on=valid_until(opened_on),
        from_on=opened_on,
    )
    return Draft(
        trade.id, care_of(chance, trade.risk), "91" if is_company else "92", online(chance, trade, row)
    )


def online(chance: Chance, trade: Trade, row: UnitRow) -> UnitRow:
    """Say whether the shop takes orders online, and under which name."""
    share = {"delivery": 100, "fast": 80, "drink": 75, "snack": 60}.get(trade.id, 35)
    if not chance.percent(share):
        return replace(row, online_ordering=False)
    road = road_of(Door(row.street, row.address))
    is_plain = len(road) <= 5 and "（" not in (row.sign_name or "")
    name = f"{row.sign_name}（{road}店）" if is_plain and chance.percent(30) else row.sign_name
    return replace(row, online_ordering=True, online_name=name)


def road_of(door: Door) -> str:
    """The road on which a door stands."""
    return door.address.removeprefix(door.street).split("号")[0].rstrip("0123456789")


def with_kitchen(chance: Chance, row: UnitRow, first: date, last: date) -> UnitRow:
    """Give a unit an open kitchen (or none) that was checked on site between two days."""
    if row.unit_type in ("school_canteen", "kindergarten_canteen", "central_kitchen", "collective_delivery"):
        form = OpenKitchenForm.INTERNET if chance.percent(90) else OpenKitchenForm.VIDEO
    else:
        form = chance.weighted(_FORMS, _FORM_WEIGHTS.get(row.unit_type, _USUAL_FORMS))
    checked = None if form is OpenKitchenForm.NONE else some_workday(chance, first, last)
    return replace(row, open_kitchen=form, open_kitchen_checked_on=checked)


def valid_until(from_on: date) -> date:
    """The last day of a licence that was given on a day."""
    return years_later(from_on, _YEARS_VALID) - timedelta(days=1)


def care_of(chance: Chance, risk: int) -> int:
    """How careless a unit is, 0 to 99; most are careful, some trades less so."""
    return min(99, max(0, chance.between(0, 40) + chance.between(0, 25) + risk * 2 - 18))


class _Maker:
    def __init__(self, chance: Chance, first_day: date) -> None:
        self._chance = chance
        self._first_day = first_day
        self._names = NameMaker(chance.child("names"))
        self._doors = DoorMaker(chance.child("doors"))
        self._trades = {trade.id: trade for trade in trades()}

    def shops(self) -> Iterator[Draft]:
        places = stalls(self._chance.child("stalls"))
        left = {trade.id: trade.count for trade in trades()}
        for place in places:
            trade_id = self._chance.pick(_STALL_TRADES)
            left[trade_id] -= 1
            yield self._shop(trade_id, place)
        for trade_id, count in left.items():
            for _ in range(count):
                yield self._shop(trade_id, self._doors.shop())

    def chains(self) -> Iterator[Draft]:
        for chain in chains():
            headquarters = self._names.claim(f"示范区{chain.brand}餐饮管理有限公司")
            signs: set[str] = set()
            while len(signs) < chain.branches:
                door = self._doors.shop()
                sign = f"{chain.brand}（{road_of(door)}店）"
                if sign in signs:
                    continue
                signs.add(sign)
                draft = self._shop(chain.trade, door, sign=sign)
                yield replace(draft, row=replace(draft.row, chain_headquarters=headquarters))

    def institutions(self) -> Iterator[Draft]:
        for institution in institutions():
            yield self._institution(institution)

    def _shop(self, trade_id: str, door: Door, sign: str | None = None) -> Draft:
        trade = self._trades[trade_id]
        if door.label:
            trade = trade.model_copy(update={"area": (8, 26), "seats": (0, 0)})
        draft = shop(self._chance, self._names, trade, door, opened_on=self._opened(), sign=sign)
        return replace(draft, row=self._kitchen(draft.row))

    def _institution(self, house: Institution) -> Draft:
        chance, opened_on = self._chance, self._opened()
        door = self._doors.institution(house.place, house.label)
        row = UnitRow(
            licence_name=self._names.claim(house.licence_name),
            address=door.address,
            street=door.street,
            door_label=door.label,
            unit_type=house.unit_type,
            sign_name=house.sign_name,
            holder_is_natural_person=False,
            area_m2=Decimal(_within(chance, house.area)),
            persons_served=_within(chance, house.persons),
            food_categories=",".join(house.categories),
            licence_from_on=opened_on,
            licence_until_on=valid_until(opened_on),
            special_groups=",".join(house.groups),
            online_ordering=False,
            from_on=opened_on,
        )
        return Draft(house.unit_type, care_of(chance, house.risk), house.holder, self._kitchen(row))

    def _opened(self) -> date:
        # Licences last five years and the district's story two: everyone's licence outlives the story.
        return self._first_day - timedelta(days=self._chance.between(30, 900))

    def _kitchen(self, row: UnitRow) -> UnitRow:
        first = max(row.from_on or date.min, self._first_day - timedelta(days=120))
        return with_kitchen(self._chance, row, first, self._first_day - timedelta(days=1))


def _seats(chance: Chance, area_m2: int, limits: tuple[int, int]) -> int:
    return min(limits[1], max(limits[0], area_m2 * chance.between(25, 50) // 100))


def _within(chance: Chance, limits: tuple[int, int]) -> int:
    # Small shops are many, large ones few: the smaller of two draws.
    return min(chance.between(*limits), chance.between(*limits))
