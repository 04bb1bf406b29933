"""Signs and licence names of made-up units: put together from word lists, each sign used once."""

import re

from publishing.demonstration.chance import Chance
from publishing.demonstration.words import DemonstrationError, Trade, name_lists

_PART = re.compile(r"\{(\w+)\}")
_MOST_CLASHES = 20_000
# What a licence calls the trade of a company and of an individual household.
_COMPANY_ENDS = ("餐饮管理有限公司", "餐饮有限公司", "餐饮服务有限公司", "餐饮店（普通合伙）")
_HOUSEHOLD_ENDS = {
    "restaurant": ("餐馆", "饭店", "餐饮店", "菜馆"),
    "fast_food": ("快餐店", "餐饮店", "餐厅"),
    "snack_shop": ("小吃店", "餐饮店", "小吃部"),
    "cake": ("糕点店", "烘焙店", "蛋糕店"),
    "drink_shop": ("饮品店", "冷饮店", "茶饮店"),
}


class NameMaker:
    """Makes names that have not been used yet."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._used: set[str] = set()
        self._clashes = 0

    def claim(self, name: str) -> str:
        """Note that a name is taken, and give it back."""
        self._used.add(name)
        return name

    def sign(self, trade: Trade) -> str:
        """A sign for a business of this trade that no other one carries."""
        while True:
            name = expand(self._chance.pick(trade.name), self._chance)
            if name not in self._used:
                return self.claim(name)
            self._clashes += 1
            if self._clashes > _MOST_CLASHES:
                raise DemonstrationError("演示店名的词不够用了；请在 seeds/demonstration/names.yaml 里补充。")

    def company(self, sign: str) -> str:
        """The licence name of a company; often another word than its sign."""
        core = sign if self._chance.percent(45) and _is_short_chinese(sign) else self._chance.pick(CORES)
        return self._unused(core, _COMPANY_ENDS)

    def household(self, sign: str, street: str, trade: Trade) -> str:
        """The licence name of an individual household."""
        place = street.removesuffix("街道")
        core = sign if self._chance.percent(60) and _is_short_chinese(sign) else self._chance.pick(CORES)
        return self._unused(f"{place}{core}", _household_ends(trade))

    def person(self) -> str:
        """What stands where a licence carries its holder's own name; plainly nobody's name."""
        lists = name_lists()
        return self._chance.pick(lists["surnames"]) + self._chance.pick(lists["made_up_given"])

    def _unused(self, core: str, ends: tuple[str, ...]) -> str:
        while True:
            end = self._chance.pick(ends)
            name = f"示范区{core.removesuffix(end[0])}{end}"
            if core.endswith(end[-1]) and len(end) <= 3:
                name = f"示范区{core}"
            if name not in self._used:
                return self.claim(name)
            core += self._chance.pick("和兴源升丰")


# Two-character cores of licence names, as registries are full of.
CORES = tuple(
    first + second for first in "鑫瑞盛嘉泓润旭禾恒悦味聚康庆裕丰" for second in "源香合达泰和缘顺福隆禧临"
)


def _household_ends(trade: Trade) -> tuple[str, ...]:
    return _HOUSEHOLD_ENDS.get(trade.id) or _HOUSEHOLD_ENDS[trade.unit_type]


def expand(pattern: str, chance: Chance) -> str:
    """Put a word from each named list into its place."""
    lists = name_lists()
    return _PART.sub(lambda part: chance.pick(lists[part.group(1)]), pattern)


def _is_short_chinese(sign: str) -> bool:
    return len(sign) <= 7 and all("一" <= character <= "鿿" for character in sign)
