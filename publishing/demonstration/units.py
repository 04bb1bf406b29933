"""The units of the demonstration district as plain values, before any of them is in a register."""

from dataclasses import dataclass
from datetime import date

from inspections.units.register_file import UnitRow


@dataclass(frozen=True)
class Door:
    """A door: its street or town, its address, and what tells it from others at the same address."""

    street: str
    address: str
    label: str = ""


@dataclass(frozen=True)
class Unit:
    """One made-up unit: its row for the register, its trade, and how careless it is (0 best, 99 worst)."""

    key: str
    trade: str
    care: int
    row: UnitRow

    @property
    def opened_on(self) -> date:
        """Its first day at its door."""
        return self.row.from_on or date.min


@dataclass(frozen=True)
class Load:
    """What the register is told on one day."""

    day: date
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Closing:
    """A unit stops trading; `on` is its last day."""

    unit_key: str
    on: date


@dataclass(frozen=True)
class Move:
    """A unit goes to another door on a day."""

    unit_key: str
    on: date
    door: Door


@dataclass(frozen=True)
class NewOperator:
    """Another holder takes over a unit's door on a day."""

    unit_key: str
    on: date
    successor: Unit


Change = Closing | Move | NewOperator
