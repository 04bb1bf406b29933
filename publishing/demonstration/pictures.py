"""Drawn pictures that stand for photos and signatures; each says in itself that it is a demonstration's."""

from functools import cache

from publishing.demonstration.words import SEEDS

CLOSED_DOOR = "closed-door.jpg"
FINDINGS = ("fridge.jpg", "sink.jpg")
SIGNATURES = {"lead": "signature-1.png", "second": "signature-2.png", "operator": "signature-3.png"}
_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


@cache
def picture(name: str) -> bytes:
    """The bytes of a picture."""
    return (SEEDS / "demonstration" / "pictures" / name).read_bytes()


def media_type(name: str) -> str:
    """Its kind, as a tablet announces it."""
    return _MEDIA_TYPES[name.rpartition(".")[2]]
