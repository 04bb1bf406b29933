"""Words of the trade that every scheme shares: answers, kinds of visit, types of unit."""

from enum import StrEnum


class Answer(StrEnum):
    """Answer to one checklist item; a visit packs them as one letter per item."""

    PASS = "P"  # noqa: S105
    NOT_APPLICABLE = "N"
    NOT_CHECKED = "-"
    FAIL = "F"
    FAIL_SAFETY = "S"
    FAIL_SLIGHT = "H"

    @property
    def zh(self) -> str:
        """Return the answer in Chinese."""
        return _ANSWERS_ZH[self]

    @property
    def failed(self) -> bool:
        """Tell whether the item was found not to conform."""
        return self.value in FAILED


FAILED = "FSH"
LETTERS = "PNFSH-"
_ANSWERS_ZH = {
    Answer.PASS: "符合",
    Answer.NOT_APPLICABLE: "不适用",
    Answer.NOT_CHECKED: "未检查",
    Answer.FAIL: "不符合（是否影响食品安全未判定）",
    Answer.FAIL_SAFETY: "不符合，影响食品安全",
    Answer.FAIL_SLIGHT: "不符合，情节显著轻微且不影响食品安全",
}


class VisitKind(StrEnum):
    """Kind of a visit."""

    DAILY = "daily"
    CAMPAIGN = "campaign"
    FLYING = "flying"
    SPECIAL = "special"
    CASE_BASED = "case_based"
    RECHECK = "recheck"

    @property
    def zh(self) -> str:
        """Return the kind in Chinese."""
        return _KINDS_ZH[self]


_KINDS_ZH = {
    VisitKind.DAILY: "日常监督检查",
    VisitKind.CAMPAIGN: "随机查餐厅",
    VisitKind.FLYING: "飞行检查",
    VisitKind.SPECIAL: "专项检查",
    VisitKind.CASE_BASED: "个案检查",
    VisitKind.RECHECK: "复查",
}


class UnitType(StrEnum):
    """Type of a catering unit (业态)."""

    RESTAURANT = "restaurant"
    FAST_FOOD = "fast_food"
    SNACK_SHOP = "snack_shop"
    DRINK_SHOP = "drink_shop"
    CANTEEN = "canteen"
    SCHOOL_CANTEEN = "school_canteen"
    KINDERGARTEN_CANTEEN = "kindergarten_canteen"
    CENTRAL_KITCHEN = "central_kitchen"
    COLLECTIVE_DELIVERY = "collective_delivery"

    @property
    def zh(self) -> str:
        """Return the type in Chinese."""
        return _UNIT_TYPES_ZH[self]


_UNIT_TYPES_ZH = {
    UnitType.RESTAURANT: "餐馆",
    UnitType.FAST_FOOD: "快餐店",
    UnitType.SNACK_SHOP: "小吃店",
    UnitType.DRINK_SHOP: "饮品店",
    UnitType.CANTEEN: "单位食堂",
    UnitType.SCHOOL_CANTEEN: "学校食堂",
    UnitType.KINDERGARTEN_CANTEEN: "托幼机构食堂",
    UnitType.CENTRAL_KITCHEN: "中央厨房",
    UnitType.COLLECTIVE_DELIVERY: "集体用餐配送单位",
}


class SizeClass(StrEnum):
    """Size class of a catering unit (规模)."""

    VERY_LARGE = "very_large"
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"

    @property
    def zh(self) -> str:
        """Return the size class in Chinese."""
        return _SIZES_ZH[self]


_SIZES_ZH = {
    SizeClass.VERY_LARGE: "特大型",
    SizeClass.LARGE: "大型",
    SizeClass.MEDIUM: "中型",
    SizeClass.SMALL: "小型",
    SizeClass.MICRO: "微型",
}


class FoodCategory(StrEnum):
    """Category of food made on the premises."""

    HOT = "hot"
    COLD = "cold"
    RAW = "raw"
    PASTRY = "pastry"
    DRINKS = "drinks"
    OTHER = "other"

    @property
    def zh(self) -> str:
        """Return the category in Chinese."""
        return _CATEGORIES_ZH[self]


_CATEGORIES_ZH = {
    FoodCategory.HOT: "热食类食品制售",
    FoodCategory.COLD: "冷食类食品制售",
    FoodCategory.RAW: "生食类食品制售",
    FoodCategory.PASTRY: "糕点类食品制售",
    FoodCategory.DRINKS: "自制饮品制售",
    FoodCategory.OTHER: "其他类食品制售",
}


class SpecialGroup(StrEnum):
    """Group of diners that needs more care."""

    STUDENTS = "students"
    CHILDREN = "children"
    PATIENTS = "patients"
    ELDERLY = "elderly"

    @property
    def zh(self) -> str:
        """Return the group in Chinese."""
        return _GROUPS_ZH[self]


_GROUPS_ZH = {
    SpecialGroup.STUDENTS: "学生",
    SpecialGroup.CHILDREN: "幼儿",
    SpecialGroup.PATIENTS: "病人",
    SpecialGroup.ELDERLY: "老年人",
}


class Basis(StrEnum):
    """On what a rulebook's value rests."""

    STATED = "stated"
    SECONDARY = "secondary"
    ASSUMED = "assumed"
    LOCAL = "local"

    @property
    def zh(self) -> str:
        """Return the basis in Chinese."""
        return _BASIS_ZH[self]


_BASIS_ZH = {
    Basis.STATED: "有原文",
    Basis.SECONDARY: "仅见转述",
    Basis.ASSUMED: "假定值",
    Basis.LOCAL: "本局确定",
}
