"""Doors of the demonstration district: addresses that no two shops share, stalls with labels of their own."""

from publishing.demonstration.chance import Chance
from publishing.demonstration.units import Door
from publishing.demonstration.words import Hall, Street, district_words

_MOST_NUMBER = 260


class DoorMaker:
    """Hands out doors, each once."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._used: set[str] = set()
        words = district_words()
        self._streets = words.streets
        self._weights = [street.weight for street in words.streets]
        for hall in (*words.malls, *words.markets):
            self._used.add(_at(hall.street, hall.road, hall.number))

    def take(self, address: str) -> None:
        """Keep an address for whoever has it already."""
        self._used.add(address)

    def shop(self, street: Street | None = None) -> Door:
        """A shop on a road, sometimes a ground-floor unit of a residential block."""
        chance = self._chance
        while True:
            place = street or chance.weighted(self._streets, self._weights)
            address = _at(place.name, chance.pick(place.roads), chance.between(1, _MOST_NUMBER))
            if chance.percent(22):
                address += f"底商{chance.between(1, 3)}{chance.between(1, 18):02}"
            elif chance.percent(8):
                address += f"-{chance.between(1, 9)}"
            if address not in self._used:
                self._used.add(address)
                return Door(place.name, address)

    def institution(self, name: str, label: str) -> Door:
        """The canteen of a house whose name may say in which street or town it lies."""
        street = next((s for s in self._streets if name.startswith(_short(s.name))), None)
        door = self.shop(street)
        base = door.address.split("底商")[0].split("-")[0]
        return Door(door.street, base + name, label)


def stalls(chance: Chance) -> list[Door]:
    """The stalls of food halls and markets: one address, many doors."""
    words = district_words()
    doors = []
    for mall in words.malls:
        numbers = chance.some(range(1, 25), 6)
        doors += [_stall(mall, f"{chance.pick('AB')}{number:02}档口") for number in sorted(numbers)]
    for market in words.markets:
        numbers = chance.some(range(1, 40), 3)
        doors += [_stall(market, f"熟食区{number}号摊位") for number in sorted(numbers)]
    return doors


def _stall(hall: Hall, label: str) -> Door:
    return Door(hall.street, _at(hall.street, hall.road, hall.number) + hall.name + hall.hall, label)


def _at(street: str, road: str, number: int) -> str:
    return f"{street}{road}{number}号"


def _short(street: str) -> str:
    return street.removesuffix("街道").removesuffix("镇")
