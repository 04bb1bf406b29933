"""Canteens of schools, hospitals, homes and workplaces, central kitchens and meal suppliers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from publishing.demonstration.words import district_words

Limits = tuple[int, int]


@dataclass(frozen=True)
class Institution:
    """A house that feeds its own people, or a kitchen that feeds others."""

    unit_type: str
    place: str
    label: str
    licence_name: str
    sign_name: str
    holder: str
    area: Limits
    persons: Limits
    categories: tuple[str, ...] = ("hot", "cold")
    groups: tuple[str, ...] = ()
    risk: int = 7


@dataclass(frozen=True)
class _Kind:
    unit_type: str
    label: str
    holder: str
    area: Limits
    persons: Limits
    groups: tuple[str, ...] = ()

    def of(self, house: str) -> Institution:
        return Institution(
            unit_type=self.unit_type,
            place=house,
            label=self.label,
            licence_name=house if house.startswith("示范区") else f"示范区{house}",
            sign_name=f"{house}{self.label}",
            holder=self.holder,
            area=self.area,
            persons=self.persons,
            groups=self.groups,
        )


_SCHOOL = _Kind("school_canteen", "食堂", "12", (180, 1400), (200, 1800), ("students",))
_KINDERGARTEN = _Kind("kindergarten_canteen", "食堂", "12", (60, 260), (60, 320), ("children",))
_HOSPITAL = _Kind("canteen", "营养食堂", "12", (150, 900), (100, 900), ("patients",))
_HOME = _Kind("canteen", "食堂", "52", (80, 300), (40, 180), ("elderly",))
_WORKPLACE = _Kind("canteen", "职工食堂", "91", (120, 900), (60, 900))
_SECOND_CANTEENS = 2
_LONG_NAMED = 3
_SUPPLIERS = (
    ("central_kitchen", "示范区禾叔餐饮管理有限公司中央厨房", "禾叔中央厨房"),
    ("central_kitchen", "示范区岁丰食品有限公司中央厨房", "岁丰中央厨房"),
    ("collective_delivery", "示范区青禾学生营养配餐有限公司", "青禾学生营养配餐"),
    ("collective_delivery", "示范区长堤团餐服务有限公司", "长堤团餐"),
    ("collective_delivery", "示范区稻浦园区集体用餐配送有限公司", "稻浦园区配餐"),
)


def institutions() -> Iterator[Institution]:
    """All of them, in a fixed order."""
    words = district_words()
    yield from (_SCHOOL.of(house) for house in words.schools)
    for house in words.schools[:_SECOND_CANTEENS]:
        second = replace(_SCHOOL, label="第二食堂").of(house)
        yield replace(second, licence_name=f"{second.licence_name}（第二食堂）")
    for place, house in enumerate(words.kindergartens):
        kind = replace(_KINDERGARTEN, holder="52") if place % 2 else _KINDERGARTEN
        yield replace(kind.of(house), categories=("hot",))
    yield from (_HOSPITAL.of(house) for house in words.hospitals)
    yield from (_HOME.of(house) for house in words.elderly_homes)
    yield from (_WORKPLACE.of(house) for house in words.workplaces)
    yield from (_long_named(community) for community in words.communities[:_LONG_NAMED])
    yield from (_supplier(*supplier) for supplier in _SUPPLIERS)


def _long_named(community: str) -> Institution:
    """Names as long as registers really hold."""
    canteen = _HOME.of(f"{community}社区居家养老综合服务中心老年人助餐食堂")
    full = f"示范区望河街道{community}社区居家养老综合服务中心（老年人日间照料与助餐服务）"
    return replace(canteen, label="", sign_name=canteen.place, licence_name=full)


def _supplier(unit_type: str, licence_name: str, sign: str) -> Institution:
    return Institution(
        unit_type=unit_type,
        place=f"{sign}加工中心",
        label="",
        licence_name=licence_name,
        sign_name=sign,
        holder="91",
        area=(600, 2600),
        persons=(500, 6000),
        groups=("students",) if "学生" in sign else (),
        risk=6,
    )
