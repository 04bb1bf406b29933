"""The process configuration: where the data lies and how the process is reached."""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class Configuration(BaseSettings):
    """Values from the environment, each `HHB_<NAME>`; a secret may come from a file."""

    model_config = SettingsConfigDict(env_prefix="HHB_", extra="ignore")

    data: Path = Path("var")
    database_url: str | None = None
    inbox_url: str | None = None
    public_url: str | None = None
    secret_key: str | None = None
    secret_key_file: Path | None = None
    sms_secret: str | None = None
    sms_secret_file: Path | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    surface: Literal["all", "public", "inbox", "staff"] = "all"

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_proxies(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _without_trailing_slash(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else None

    def serves(self, surface: str) -> bool:
        """Whether this process serves a surface; by default one process serves all of them."""
        return self.surface in {"all", surface}

    @property
    def is_one_of_several(self) -> bool:
        """Whether other processes, as other users of the machine, answer for what this one publishes."""
        return self.surface != "all"

    @property
    def effective_database_url(self) -> str:
        """The operational database: PostgreSQL where named, else SQLite in the data directory."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{self.data.resolve() / 'honghei.sqlite'}"

    @property
    def effective_inbox_url(self) -> str:
        """The Inbox's own database: the one that is named, else a second SQLite file of its own folder."""
        if self.inbox_url:
            return self.inbox_url
        return f"sqlite:///{self.data.resolve() / 'inbox' / 'inbox.sqlite'}"

    @property
    def site_directory(self) -> Path:
        """The web root that publishing writes and any web server may serve."""
        return self.data / "site"

    @property
    def search_file(self) -> Path:
        """The read-only file of published facts, outside the web root."""
        return self.data / "search" / "site.sqlite"

    @property
    def evidence_directory(self) -> Path:
        """Documents kept as evidence, named by their SHA-256."""
        return self.data / "evidence"

    @property
    def own_directory(self) -> Path:
        """The bureau's own calendars and question files, which go before the shipped ones."""
        return self.data / "own"

    @property
    def reports_directory(self) -> Path:
        """Reports of imports, for the staff."""
        return self.data / "reports"

    @property
    def sms_token(self) -> str | None:
        """What the SMS gateway knows us by: from the environment or a file; none where it asks for none."""
        if self.sms_secret:
            return self.sms_secret
        return self.sms_secret_file.read_text(encoding="utf-8").strip() if self.sms_secret_file else None

    @cached_property
    def secret(self) -> str:
        """The key that signs sessions: from the environment, a file, or made once in the data directory."""
        if self.secret_key:
            return self.secret_key
        path = self.secret_key_file or self.data / "secret.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(os.urandom(32).hex())
        return path.read_text(encoding="utf-8").strip()
