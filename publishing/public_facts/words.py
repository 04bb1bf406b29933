"""What every fact of the allow-list is made of: a help text for each field, and words in both languages."""

from dataclasses import dataclass, field


def means(help_text: str) -> dict[str, str]:
    return {"help": help_text}


@dataclass(frozen=True)
class Words:
    """A fixed text in both languages of the public pages."""

    zh: str = field(metadata=means("Chinese, as the law and the forms word it"))
    en: str = field(metadata=means("English, for the same fixed text"))
