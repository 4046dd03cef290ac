"""Settings: one frozen value, read once from the environment. Each field's comment is its documentation."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from postmortems.errors import Misconfigured

PREFIX = "POSTMORTEMS_"
DEFAULT_DATABASE_URL = "sqlite:///instance/postmortems.db"
DEFAULT_URL = "http://127.0.0.1:8000"
DEFAULT_GIT_MAIL = "{name}@noreply.invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every `POSTMORTEMS_…` variable the server reads."""

    # POSTMORTEMS_DATABASE_URL: where everything is stored; `sqlite:///path` or `postgresql+psycopg://…`.
    database_url: str = DEFAULT_DATABASE_URL
    # POSTMORTEMS_SECRET_KEY: signs forms. For the default database it is made and kept in `instance/`;
    # for any other it is required.
    secret_key: str = ""
    # POSTMORTEMS_URL: the address people and pipelines use, for links; the `gate` commands ask there.
    url: str = DEFAULT_URL
    # POSTMORTEMS_EGRESS_ALLOW: networks and hosts that probes may reach though they are private, by comma:
    # `10.0.0.0/8, staging.internal:443+8000-8999, *.hub.internal@10.0.0.0/8`. Cloud metadata and link-local
    # addresses stay denied.
    egress_allow: tuple[str, ...] = ()
    # POSTMORTEMS_CONTROL_URL: an address that answers while this machine has a network. When a guard gets no
    # answer, nor any other guard, the worker asks there before it believes that the guard's place is down.
    control_url: str = ""
    # POSTMORTEMS_EGRESS_CA_FILE: certificates (PEM) that outgoing calls trust besides the well-known ones.
    egress_ca_file: str = ""
    # POSTMORTEMS_SECRETS_KEY: what stored secrets are encrypted with: one key, or several by comma while one
    # is replaced (the first encrypts). For the default database it is derived from the other key.
    secrets_key: tuple[str, ...] = ()
    # POSTMORTEMS_SECRETS_ALLOW: which variables and files guards may send as secrets, and where to, by comma:
    # `env:STAGING_TOKEN@https://staging.internal, file:/run/secrets/hub/@https://hub.internal:8443`.
    secrets_allow: tuple[str, ...] = ()
    # POSTMORTEMS_GIT_MAIL: the address that commits give an editor, `{name}` being the account's name; one
    # whose name is a mail address has that.
    git_mail: str = DEFAULT_GIT_MAIL
    # POSTMORTEMS_TRUSTED_PROXIES: how many proxies in front set X-Forwarded-For and -Proto.
    trusted_proxies: int = 0
    # POSTMORTEMS_KEEP_DAYS: how long verdicts, looks, dry runs and messages that were sent are kept; 0 keeps
    # them for ever. Real decisions and what they rest on always stay.
    keep_days: int = 400

    @property
    def is_https(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def is_embedded(self) -> bool:
        """Whether this is the database that `make run` makes for itself."""
        return self.database_url == DEFAULT_DATABASE_URL

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check the environment. Raises `Misconfigured` with one sentence."""
        env = os.environ if environ is None else environ

        def text(name: str, default: str) -> str:
            return env.get(PREFIX + name, "").strip() or default

        database_url = _database_url(text("DATABASE_URL", DEFAULT_DATABASE_URL))
        url = text("URL", DEFAULT_URL).rstrip("/")
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise Misconfigured(
                f"POSTMORTEMS_URL is {url!r}; write an address such as https://postmortems.example.org"
            )

        def listed(name: str) -> tuple[str, ...]:
            return tuple(part.strip() for part in text(name, "").split(",") if part.strip())

        def number(name: str, default: int, example: int) -> int:
            found = text(name, str(default))
            if not found.isdecimal() or len(found) > 6:
                raise Misconfigured(f"{PREFIX}{name} is {found!r}; write a number such as {example}")
            return int(found)

        return cls(
            database_url=database_url,
            secret_key=text("SECRET_KEY", ""),
            url=url,
            egress_allow=listed("EGRESS_ALLOW"),
            control_url=_control_url(text("CONTROL_URL", "")),
            egress_ca_file=text("EGRESS_CA_FILE", ""),
            secrets_key=listed("SECRETS_KEY"),
            secrets_allow=listed("SECRETS_ALLOW"),
            git_mail=text("GIT_MAIL", DEFAULT_GIT_MAIL),
            trusted_proxies=number("TRUSTED_PROXIES", 0, 1),
            keep_days=number("KEEP_DAYS", 400, 400),
        )


def _control_url(url: str) -> str:
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise Misconfigured(
            f"POSTMORTEMS_CONTROL_URL is {url!r}; write an address such as https://example.org"
        )
    return url


def _database_url(url: str) -> str:
    if url.startswith("sqlite:///"):
        return url
    scheme, mark, rest = url.partition("://")
    if mark and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{rest}"
    raise Misconfigured(
        "POSTMORTEMS_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://, "
        f"but begins with {scheme!r}"
    )


def variable(name: str) -> str | None:
    """A variable of the environment that is a secret, which guards may name where the operator allows it."""
    return os.environ.get(name)


def secret_key(settings: Settings, instance: Path = Path("instance")) -> str:
    """The key that signs forms. For the embedded default it is made once and kept for us alone."""
    if settings.secret_key:
        return settings.secret_key
    if not settings.is_embedded:
        raise Misconfigured(
            "POSTMORTEMS_SECRET_KEY is not set. Make one with "
            "`python -c 'import secrets; print(secrets.token_hex(32))'` and keep it: it signs sessions' forms"
        )
    instance.mkdir(parents=True, exist_ok=True)
    kept = instance / "secret_key"
    if not kept.exists():
        fresh = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fresh, "w") as file:
            file.write(secrets.token_hex(32))
    return kept.read_text().strip()
