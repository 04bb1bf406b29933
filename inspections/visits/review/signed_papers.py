"""The papers of a visit as its reviewer reads them: every text that was signed, and who signed what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import ndiff

from inspections.visits.sync.answers import mapping_of
from inspections.visits.sync.queries import FieldRecord

SIGNERS = {"lead": "主检人员", "second": "检查人员", "operator": "被检查单位", "witness": "见证人"}


@dataclass(frozen=True)
class SignedPaper:
    """A text as it was signed, and in which lines it differs from the one before."""

    signed_at: datetime
    sha256: str
    text: str
    differs: tuple[str, ...]


@dataclass(frozen=True)
class SignatureLine:
    """Who signed which paper, or refused; with the drawing, or the recording of a refusal."""

    paper: str
    who: str
    said: str
    evidence: tuple[str, ...]


def papers_of(record: FieldRecord) -> Iterator[SignedPaper]:
    """Every signed text in the order of signing; no later one changes an earlier one."""
    before: list[str] = []
    for stored in record.changes:
        value = stored.change.value
        if stored.change.key != "signed" or not isinstance(value, Mapping):
            continue
        lines = str(value["text"]).splitlines()
        differs = [line for line in ndiff(before, lines) if line[0] in "+-"] if before else []
        yield SignedPaper(
            datetime.fromisoformat(str(value["at"])), str(value["sha256"]), str(value["text"]), tuple(differs)
        )
        before = lines


def signatures_of(record: FieldRecord) -> Iterator[SignatureLine]:
    """Who signed or refused on each paper."""
    for page, paper in (("notice_", "告知页"), ("", "监督检查结果记录表")):
        for who, label in SIGNERS.items():
            signed = mapping_of(record.values, f"signature/{page}{who}")
            if not signed:
                continue
            words = [str(signed.get("name") or "已签名")]
            if signed.get("refused"):
                words = [f"拒签：{signed.get('reason') or ''}"]
                words += [f"见证人：{signed['witness']}"] if signed.get("witness") else []
            evidence = (signed.get("drawing"), signed.get("recording"))
            yield SignatureLine(paper, label, "；".join(words), tuple(str(one) for one in evidence if one))
