"""The columns of a register file: what `import units` reads and `template units` writes."""

from datetime import date

from inspections.surface.sheets.columns import (
    Column,
    choice,
    code_text,
    day,
    decimal,
    text,
    whole,
    words,
    yes_no,
)
from inspections.surface.sheets.faults import CellError
from inspections.units.codes import parse_code
from inspections.units.numbers import credit_code_fault, is_masked_identity, licence_number_fault
from inspections.units.tables import OpenKitchenForm, UnitState
from inspections.units.words import unit_types

FOOD_CATEGORIES = {
    "热食类": "hot",
    "冷食类": "cold",
    "生食类": "raw",
    "糕点类": "pastry",
    "自制饮品": "drinks",
    "其他类": "other",
}
SPECIAL_GROUPS = {"学生": "students", "幼儿": "children", "病人": "patients", "老年人": "elderly"}
OPEN_KITCHENS = {
    "无": OpenKitchenForm.NONE,
    "透明式": OpenKitchenForm.TRANSPARENT,
    "隔断式": OpenKitchenForm.PARTITION,
    "视频式": OpenKitchenForm.VIDEO,
    "互联网+": OpenKitchenForm.INTERNET,
}
STATES = {
    "在营": UnitState.OPEN, "停业": UnitState.CLOSED, "迁出": UnitState.MOVED, "更名": UnitState.RENAMED,
}  # fmt: skip
GUIDANCE = (
    "一行一个餐饮服务单位。深色表头必填；其余不知道就留空，不要写“无”或 0。",
    "许可证编号和信用代码至少填一个，整列已设为文本，请不要改格式。",
    "同一地址有几个单位（档口、食堂、柜台）时，用“摊位号”区分。",
    "停业的单位请把状态改为“停业”，不要删行；名单里没有的行不会被当作停业。",
    "迁址：许可证编号不变，把经营场所改成新地址，经人确认后生效；只更正地址写法的，请填门店码。",
)
_FIRST_DAY = date(1980, 1, 1)
_MOST_YEARS_AHEAD = 50


def _credit_code_or_masked(code: str) -> str | None:
    return None if is_masked_identity(code) else credit_code_fault(code)


def _storefront_code(value: object) -> str | None:
    if value is None or not str(value).strip():
        return None
    code = parse_code(str(value))
    if code is None:
        raise CellError("不是本系统的门店码", "请对照公示牌上的码，或留空")
    return code


def unit_columns(on: date) -> tuple[Column, ...]:
    """The columns of a register file read on a day: dates far in the past or future are faults."""
    return (*_who_and_where(), *_what(), *_licence_and_kitchen(on), *_state_and_place(on))


def _who_and_where() -> tuple[Column, ...]:
    return (
        Column("licence_name", "主体名称", "licence name", text(100), True,
               ("单位名称", "经营者名称", "名称"), width=30),
        Column("sign_name", "牌匾名称", "sign name", text(100), aliases=("门店名称", "招牌名称"), width=22),
        Column("licence_number", "许可证编号", "licence number", code_text(licence_number_fault),
               aliases=("食品经营许可证编号", "许可证号"), note="JY 加 14 位数字", width=20),
        Column("credit_code", "统一社会信用代码", "credit code", code_text(_credit_code_or_masked),
               aliases=("信用代码", "社会信用代码"), note="18 位；旧证上遮住的身份证号可照抄", width=22),
        Column("address", "经营场所", "address", text(120), True, ("地址", "经营地址"), width=36),
        Column("door_label", "摊位号", "door label", text(40), aliases=("档口", "门牌补充"),
               note="同一地址有多个单位时填写"),
        Column("street", "街镇", "street", text(40), True, ("街道", "所属街道", "乡镇街道")),
    )  # fmt: skip


def _what() -> tuple[Column, ...]:
    types = {word["zh"]: key for key, word in unit_types().items()}
    return (
        Column("unit_type", "业态", "unit type", choice(types), True, choices=tuple(types)),
        Column("holder_is_natural_person", "经营者是自然人", "holder is natural person", yes_no(),
               choices=("是", "否")),
        Column("area_m2", "面积（㎡）", "area m2", decimal(0, 200_000), aliases=("面积", "经营面积")),
        Column("seats", "餐位数", "seats", whole(0, 20_000)),
        Column("persons_served", "供餐人数", "persons served", whole(0, 200_000)),
        Column("food_categories", "食品类别", "food categories", words(FOOD_CATEGORIES),
               choices=tuple(FOOD_CATEGORIES), note="可写几个，用顿号分开", width=22),
    )  # fmt: skip


def _licence_and_kitchen(on: date) -> tuple[Column, ...]:
    any_day = day(_FIRST_DAY, date(on.year + _MOST_YEARS_AHEAD, 12, 31))
    return (
        Column("licence_from_on", "许可证起始", "licence from", any_day, is_day=True),
        Column("licence_until_on", "许可证有效期至", "licence until", any_day, is_day=True),
        Column("chain_headquarters", "连锁总部", "chain headquarters", text(100), width=22),
        Column("online_ordering", "网络订餐", "online ordering", yes_no(), choices=("是", "否")),
        Column("online_name", "网店名称", "online name", text(100)),
        Column("open_kitchen", "明厨亮灶形式", "open kitchen", choice(OPEN_KITCHENS),
               choices=tuple(OPEN_KITCHENS)),
        Column("open_kitchen_checked_on", "明厨亮灶核查日期", "open kitchen checked on",
               day(_FIRST_DAY, on), is_day=True),
        Column("special_groups", "供餐特殊人群", "special groups", words(SPECIAL_GROUPS),
               choices=tuple(SPECIAL_GROUPS), note="可写几个，用顿号分开"),
    )  # fmt: skip


def _state_and_place(on: date) -> tuple[Column, ...]:
    return (
        Column("state", "状态", "state", choice(STATES), choices=tuple(STATES)),
        Column("from_on", "生效日期", "from", day(_FIRST_DAY, on), is_day=True,
               note="这一行从哪天起属实，有改动时请一并改写；空着：新单位按许可证起始日，改动按导入当天"),
        Column("latitude", "纬度", "latitude", decimal(-90, 90, 6)),
        Column("longitude", "经度", "longitude", decimal(-180, 180, 6)),
        Column("code", "门店码", "storefront code", _storefront_code,
               note="已有公示牌的门店填写；新门店留空"),
    )  # fmt: skip
