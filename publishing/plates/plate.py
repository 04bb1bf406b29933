"""What a plate says: the facts of one door, and the words that are the same on all plates."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from inspections.surface.fonts import composed
from inspections.units.codes import storefront_url


def plate_anchor(issue_no: int) -> str:
    """The fragment in a plate's QR code: on a withdrawn plate's page it is the place that says so."""
    return f"p{issue_no}"


@dataclass(frozen=True)
class PlateFacts:
    """The facts of one plate; `issue_no` counts the plates that were issued for this door."""

    code: str
    public_url: str
    sign_name: str
    address: str
    authority: str
    issue_no: int
    printed_on: date
    is_demonstration: bool = False

    def __post_init__(self) -> None:
        for name in ("sign_name", "address", "authority"):
            object.__setattr__(self, name, composed(" ".join(getattr(self, name).split())))

    @property
    def url(self) -> str:
        """Where the QR code leads: the storefront page, at the place that would speak of this very plate."""
        return f"{storefront_url(self.public_url, self.code)}#{plate_anchor(self.issue_no)}"

    @property
    def sentence(self) -> tuple[str, str]:
        """The one sentence of the plate, in two halves: what the code is for, and how a false one shows."""
        beginning = storefront_url(self.public_url, "").removesuffix("/")
        return "扫码看检查结果；", f"网址应以 {beginning} 开头"

    @property
    def issue_words(self) -> str:
        """Issue number and date."""
        day = self.printed_on
        return f"第 {self.issue_no} 次制发 · {day.year} 年 {day.month} 月 {day.day} 日"

    @property
    def demonstration_words(self) -> str:
        """What a plate of the demonstration district says above everything else."""
        return "演示：单位、地址和检查结果均为虚构"

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that is drawn."""
        return (self.sign_name, self.address, self.authority, self.code, *self.sentence, self.issue_words)

    @property
    def shown_sha256(self) -> str:
        """What the plate says apart from its issue: a plate that says the same need not be issued anew."""
        shown = [self.code, self.public_url, self.sign_name, self.address, self.authority]
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()
