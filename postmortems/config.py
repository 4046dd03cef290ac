"""Settings: one frozen value, read once from the environment. Each field's comment documents it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from postmortems import oidc_values
from postmortems import setting_values as values
from postmortems.egress import address_rules
from postmortems.errors import Misconfigured
from postmortems.limits import LARGEST_FILE_MB, MB, FileRules

PREFIX = "POSTMORTEMS_"
DEFAULT_DATABASE_URL = "sqlite:///instance/postmortems.db"
DEFAULT_URL = "http://127.0.0.1:8000"
EXAMPLE_URL = "https://postmortems.example.org"
DEFAULT_GIT_MAIL = "{name}@noreply.invalid"
# What others read: the `gate` commands in a pipeline, `note`, and tests of real reports.
ELSEWHERE = ("TOKEN", "INCIDENT", "CORPUS")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Given:
    """The variables that are set, by their names without the prefix."""

    env: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.env.get(PREFIX + name, "").strip() or default

    def listed(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name, "").split(",") if part.strip())

    def checked(self, check: Callable[..., T], name: str, given: Any, *more: Any, **options: Any) -> T:
        return check(PREFIX + name, given, *more, **options)

    def number(self, name: str, most: int, default: str, example: int) -> int:
        return self.checked(values.number, name, self.text(name, default), most, example)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every `POSTMORTEMS_…` variable the server reads."""

    # POSTMORTEMS_DATABASE_URL: where everything is stored; `sqlite:///path` or `postgresql+psycopg://…`.
    database_url: str = DEFAULT_DATABASE_URL
    # POSTMORTEMS_READ_DATABASE_URL: a streaming replica of that database, of PostgreSQL: reports and
    # exports are read there while it is less than ten seconds behind.
    read_database_url: str = ""
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
    # POSTMORTEMS_PROXY_USER_HEADER: the header in which a proxy that signs people in says who it is, by
    # the name of the account, such as `X-Forwarded-User`.
    proxy_user_header: str = ""
    # POSTMORTEMS_PROXY_NETWORKS: the addresses and networks of that proxy, by comma: `10.0.0.7, fd00::/64`.
    # From anywhere else the header is passed over.
    proxy_networks: tuple[values.Network, ...] = ()
    # POSTMORTEMS_PROXY_ROLE: the role of the account made for whom that header names and nobody knows yet:
    # `viewer`, `reviewer` or `author`; `none` makes none.
    proxy_role: str = "none"
    # POSTMORTEMS_OIDC_ISSUER: the identity provider that signs people in (OpenID Connect), by the address
    # that it calls itself: `https://id.example.org/realms/staff`. Being set, it may be called.
    oidc_issuer: str = ""
    # POSTMORTEMS_OIDC_CLIENT_ID and _CLIENT_SECRET: what the provider gave out for this service.
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    # POSTMORTEMS_OIDC_NAME: what people call the provider; it stands on the button.
    oidc_name: str = "your company account"
    # POSTMORTEMS_OIDC_SCOPES: what is asked of the provider, by space.
    oidc_scopes: str = "openid profile email"
    # POSTMORTEMS_OIDC_CLAIM: the claim that names the account made at somebody's first sign-in; `email`
    # counts where the provider says that it is verified.
    oidc_claim: str = "preferred_username"
    # POSTMORTEMS_OIDC_ROLE: the role of those to whom no group gives one: `viewer`, `reviewer` or `author`;
    # `none` keeps them out.
    oidc_role: str = "none"
    # POSTMORTEMS_OIDC_GROUPS_CLAIM: the claim that lists somebody's groups.
    oidc_groups_claim: str = "groups"
    # POSTMORTEMS_OIDC_GROUPS: what groups give, by comma: `sre=admin, pay=team:payments,
    # pay-leads=team:payments:admin`.
    oidc_groups: tuple[oidc_values.GroupRule, ...] = ()
    # POSTMORTEMS_OIDC_SESSION_HOURS: after how many hours the provider is asked anew who somebody is, and in
    # which groups; `0` after 14 days, as after a password.
    oidc_session_hours: int = 24
    # POSTMORTEMS_OIDC_ONLY: `yes` lets nobody in by a password; sign-in links still work.
    oidc_only: bool = False
    # POSTMORTEMS_SECOND_FACTOR: who has to show a second factor after their password: nobody unless they set
    # one up (`optional`), admins and operators (`admins`), or `all`. Whom the company signs in is not asked.
    second_factor: str = "optional"
    # POSTMORTEMS_SCIM_TOKEN: what the company's directory sends, to keep accounts and teams by SCIM 2.0;
    # without it nothing is there.
    scim_token: str = ""
    # POSTMORTEMS_SCIM_ROLE: the role of the accounts it makes: `viewer` or `author`.
    scim_role: str = "viewer"
    # POSTMORTEMS_SLACK_SECRETS: the signing secrets of the Slack apps whose slash commands and buttons are
    # taken, by comma.
    slack_secrets: tuple[str, ...] = ()
    # POSTMORTEMS_MATTERMOST_TOKENS: the tokens of Mattermost's slash commands that are taken, by comma.
    mattermost_tokens: tuple[str, ...] = ()
    # POSTMORTEMS_CHAT_ACCOUNT: the account in whose name chats note; who typed it stands in the entry.
    chat_account: str = ""
    # POSTMORTEMS_SMTP_URL: the server that mail is handed in to; without it none is sent:
    # `smtp://user:password@host:587?starttls=true`, or `smtps://…` for TLS from the first byte.
    smtp_url: str = ""
    # POSTMORTEMS_MAIL_FROM: whom mail is from, such as `Postmortems <postmortems@example.org>`.
    mail_from: str = ""
    # POSTMORTEMS_METRICS_ALLOW: networks from which `/metrics` is read without a token, by comma:
    # `10.0.0.0/8, fd00::/8`.
    metrics_allow: tuple[values.Network, ...] = ()
    # POSTMORTEMS_METRICS_TOKEN: a token that reads `/metrics` and nothing else, and is no account's.
    metrics_token: str = ""
    # POSTMORTEMS_LIMITS_PERCENT: how many requests one token, person or address may make, as so many
    # hundredths of what is usual; 0 sets no limit.
    limits_percent: int = 100
    # POSTMORTEMS_LOG_FORMAT: how the log is written: `text`, what goes wrong, for a terminal; or `json`, one
    # object a line, and one for each request besides.
    log_format: str = "text"
    # POSTMORTEMS_TRACES_URL: where traces go (OpenTelemetry by OTLP over HTTP), such as
    # `http://collector.internal:4318/v1/traces`; without it there are none.
    traces_url: str = ""
    # POSTMORTEMS_SENTRY_DSN: where faults are reported to, the address that Sentry shows for a project; else
    # they are in the log alone.
    sentry_dsn: str = ""
    # POSTMORTEMS_SECURITY_CONTACT: whom to tell of a weakness, by comma: `mailto:security@example.org,
    # https://example.org/report`; `/.well-known/security.txt` says it, and is not there without it.
    security_contact: tuple[str, ...] = ()
    # POSTMORTEMS_BADGES: who sees the badges of services: whoever has an address with its key in it (`key`),
    # or everybody (`public`).
    badges: str = "key"
    # POSTMORTEMS_KEEP_DAYS: how long verdicts, looks, dry runs and messages that were sent are kept; 0 keeps
    # them for ever. Real decisions and what they rest on always stay.
    keep_days: int = 400
    # POSTMORTEMS_KEEP_EVENTS_DAYS: how long events of the audit log are kept, 30 at least; 0 keeps all.
    keep_events_days: int = 0
    # POSTMORTEMS_KEEP_ADDRESSES_DAYS: how long they tell from which address; 0 as long as they are kept.
    keep_addresses_days: int = 90
    # POSTMORTEMS_PUBLIC_NAME: the name under which public reports appear to customers, such as
    # `Example Cloud`; without it nothing is public.
    public_name: str = ""
    # POSTMORTEMS_PUBLIC_HOSTS: the hosts that public reports may link to, by comma: `status.example.com,
    # *.docs.example.com`.
    public_hosts: tuple[str, ...] = ()
    # POSTMORTEMS_FILES_DIR: the folder for pictures and files that are attached; without it they are kept in
    # the database. All processes need the same one.
    files_dir: str = ""
    # POSTMORTEMS_FILE_MB: how large a picture or file may be, up to 60; 0 takes none.
    file_mb: int = 10
    # POSTMORTEMS_INCIDENT_FILES_MB: how much those of one incident may be together.
    incident_files_mb: int = 200
    # POSTMORTEMS_IMAGE_MEGAPIXELS: how many million pixels a picture may have.
    image_megapixels: int = 40
    # POSTMORTEMS_KEEP_UPLOADS_DAYS: how long a file is kept that no saved document has; 0 keeps it for ever.
    keep_uploads_days: int = 90

    @property
    def files(self) -> FileRules:
        """Where attached files are kept, and how much of them is taken."""
        return FileRules(
            self.files_dir,
            self.file_mb * MB,
            self.incident_files_mb * MB,
            self.image_megapixels * 1_000_000,
        )

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
        values.check_names(env, PREFIX, [*(field.name.upper() for field in fields(cls)), *ELSEWHERE])

        given = _Given(env)
        text, listed, checked, number = given.text, given.listed, given.checked, given.number
        for entry in listed("EGRESS_ALLOW"):
            address_rules.read(entry)
        control_url = text("CONTROL_URL", "")
        return cls(
            **_of_database(given),
            secret_key=checked(values.secret, "SECRET_KEY", text("SECRET_KEY", "")),
            url=checked(values.web_address, "URL", text("URL", DEFAULT_URL), EXAMPLE_URL, is_bare=True),
            egress_allow=listed("EGRESS_ALLOW"),
            control_url=control_url
            and checked(values.web_address, "CONTROL_URL", control_url, "https://example.org"),
            egress_ca_file=checked(values.certificates, "EGRESS_CA_FILE", text("EGRESS_CA_FILE", "")),
            secrets_key=checked(values.encryption_keys, "SECRETS_KEY", listed("SECRETS_KEY")),
            secrets_allow=checked(values.sent_secrets, "SECRETS_ALLOW", listed("SECRETS_ALLOW")),
            git_mail=checked(values.mail_address, "GIT_MAIL", text("GIT_MAIL", DEFAULT_GIT_MAIL)),
            slack_secrets=checked(values.shared_secrets, "SLACK_SECRETS", listed("SLACK_SECRETS")),
            mattermost_tokens=checked(
                values.shared_secrets, "MATTERMOST_TOKENS", listed("MATTERMOST_TOKENS")
            ),
            chat_account=checked(values.account_name, "CHAT_ACCOUNT", text("CHAT_ACCOUNT", "")),
            smtp_url=checked(values.mail_server, "SMTP_URL", text("SMTP_URL", "")),
            mail_from=checked(
                values.mail_sender, "MAIL_FROM", text("MAIL_FROM", ""), is_needed=bool(text("SMTP_URL", ""))
            ),
            trusted_proxies=number("TRUSTED_PROXIES", 20, "0", 1),
            **_of_sign_in(given),
            **_of_watching(given),
            security_contact=checked(values.contacts, "SECURITY_CONTACT", listed("SECURITY_CONTACT")),
            badges=checked(values.choice, "BADGES", text("BADGES", "key"), ("key", "public")),
            **_of_retention(given),
            public_name=checked(values.plain_name, "PUBLIC_NAME", text("PUBLIC_NAME", "")),
            public_hosts=checked(values.hosts, "PUBLIC_HOSTS", listed("PUBLIC_HOSTS")),
            **_of_files(given),
        )


def _of_database(given: _Given) -> dict[str, Any]:
    """What is said about the database and its replica."""
    url = given.checked(values.database, "DATABASE_URL", given.text("DATABASE_URL", DEFAULT_DATABASE_URL))
    named = given.text("READ_DATABASE_URL", "")
    read_url = named and given.checked(values.database, "READ_DATABASE_URL", named)
    if read_url and any(one.startswith("sqlite") for one in (url, read_url)):
        raise Misconfigured(
            f"{PREFIX}READ_DATABASE_URL is for a replica of PostgreSQL, and SQLite has none: leave it out, "
            "or let both URLs begin with postgresql+psycopg://"
        )
    if read_url == url:
        raise Misconfigured(
            f"{PREFIX}READ_DATABASE_URL names the database itself; name its replica, or leave it out"
        )
    return {"database_url": url, "read_database_url": read_url}


def _of_proxy(given: _Given) -> dict[str, Any]:
    """What is said about a proxy that signs people in."""
    header = given.checked(values.proxy_header, "PROXY_USER_HEADER", given.text("PROXY_USER_HEADER", ""))
    return {
        "proxy_user_header": header,
        "proxy_networks": given.checked(
            values.proxy_networks, "PROXY_NETWORKS", given.listed("PROXY_NETWORKS"), header
        ),
        "proxy_role": given.checked(
            values.proxy_role, "PROXY_ROLE", given.text("PROXY_ROLE", "none"), header
        ),
    }


def _of_watching(given: _Given) -> dict[str, Any]:
    """What is said about those who watch this service."""
    traces_url = given.text("TRACES_URL", "")
    return {
        "limits_percent": given.number("LIMITS_PERCENT", 100_000, "100", 100),
        "log_format": given.checked(
            values.choice, "LOG_FORMAT", given.text("LOG_FORMAT", "text"), ("text", "json")
        ),
        "traces_url": traces_url
        and given.checked(values.web_address, "TRACES_URL", traces_url, "http://127.0.0.1:4318/v1/traces"),
        "sentry_dsn": given.checked(values.reports, "SENTRY_DSN", given.text("SENTRY_DSN", "")),
        "metrics_token": given.checked(values.secret, "METRICS_TOKEN", given.text("METRICS_TOKEN", "")),
        "metrics_allow": given.checked(values.networks, "METRICS_ALLOW", given.listed("METRICS_ALLOW")),
    }


def _of_sign_in(given: _Given) -> dict[str, Any]:
    """What is said about who signs people in besides this service, and what it asks itself."""
    return {**_of_proxy(given), **_of_provider(given), **_of_directory(given), **_of_factors(given)}


def _of_directory(given: _Given) -> dict[str, Any]:
    """What is said about a directory that keeps accounts and teams."""
    role = given.text("SCIM_ROLE", "viewer")
    return {
        "scim_token": given.checked(values.secret, "SCIM_TOKEN", given.text("SCIM_TOKEN", "")),
        "scim_role": given.checked(values.choice, "SCIM_ROLE", role, ("viewer", "author")),
    }


def _of_provider(given: _Given) -> dict[str, Any]:
    """What is said about an identity provider."""
    checked, text = given.checked, given.text
    issuer = checked(oidc_values.issuer, "OIDC_ISSUER", text("OIDC_ISSUER", ""))
    # Each has its default in the field, said once.
    default = Settings()
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": checked(oidc_values.needed, "OIDC_CLIENT_ID", text("OIDC_CLIENT_ID", ""), issuer),
        "oidc_client_secret": checked(
            oidc_values.needed, "OIDC_CLIENT_SECRET", text("OIDC_CLIENT_SECRET", ""), issuer
        ),
        "oidc_name": checked(values.plain_name, "OIDC_NAME", text("OIDC_NAME", default.oidc_name)),
        "oidc_scopes": checked(oidc_values.scopes, "OIDC_SCOPES", text("OIDC_SCOPES", default.oidc_scopes)),
        "oidc_claim": checked(oidc_values.claim, "OIDC_CLAIM", text("OIDC_CLAIM", default.oidc_claim)),
        "oidc_role": checked(
            values.choice, "OIDC_ROLE", text("OIDC_ROLE", "none"), ("none", "viewer", "reviewer", "author")
        ),
        "oidc_groups_claim": checked(
            oidc_values.claim, "OIDC_GROUPS_CLAIM", text("OIDC_GROUPS_CLAIM", default.oidc_groups_claim)
        ),
        "oidc_groups": checked(oidc_values.group_rules, "OIDC_GROUPS", given.listed("OIDC_GROUPS")),
        "oidc_session_hours": given.number("OIDC_SESSION_HOURS", 336, "24", 24),
        "oidc_only": checked(oidc_values.only, "OIDC_ONLY", text("OIDC_ONLY", "no"), issuer),
    }


def _of_retention(given: _Given) -> dict[str, Any]:
    """For how long what is kept."""
    return {
        "keep_days": given.number("KEEP_DAYS", 36_500, "400", 400),
        "keep_events_days": given.number("KEEP_EVENTS_DAYS", 36_500, "0", 400),
        "keep_addresses_days": given.number("KEEP_ADDRESSES_DAYS", 36_500, "90", 90),
    }


def _of_factors(given: _Given) -> dict[str, Any]:
    """What is said about second factors."""
    is_embedded = given.text("DATABASE_URL", DEFAULT_DATABASE_URL) == DEFAULT_DATABASE_URL
    has_key = is_embedded or bool(given.listed("SECRETS_KEY"))
    rule = given.text("SECOND_FACTOR", "optional")
    return {"second_factor": given.checked(values.second_factor, "SECOND_FACTOR", rule, has_key=has_key)}


def _of_files(given: _Given) -> dict[str, Any]:
    """What is said about attached files."""
    return {
        "files_dir": given.checked(values.folder, "FILES_DIR", given.text("FILES_DIR", "")),
        "file_mb": given.number("FILE_MB", LARGEST_FILE_MB, "10", 10),
        "incident_files_mb": given.number("INCIDENT_FILES_MB", 100_000, "200", 200),
        "image_megapixels": given.number("IMAGE_MEGAPIXELS", 100, "40", 40),
        "keep_uploads_days": given.number("KEEP_UPLOADS_DAYS", 36_500, "90", 90),
    }


def variable(name: str) -> str | None:
    """A variable of the environment that is a secret, which guards may name where the operator allows it."""
    return os.environ.get(name)


def secret_key(settings: Settings, instance: Path = Path("instance")) -> str:
    """The key that signs forms. For the embedded default it is made once and kept for us alone."""
    if settings.secret_key:
        return settings.secret_key
    if not settings.is_embedded:
        raise Misconfigured(
            f"POSTMORTEMS_SECRET_KEY is not set; make one with `{values.MAKE_SECRET}` and keep it: "
            "it signs sessions' forms"
        )
    try:
        key = _kept_key(instance)
    except OSError as error:
        raise Misconfigured(
            f"{instance}/ cannot be used ({error.strerror}): start where you may write, "
            "or set POSTMORTEMS_DATABASE_URL and POSTMORTEMS_SECRET_KEY"
        ) from None
    if len(key) < values.SHORTEST_SECRET:
        raise Misconfigured(
            f"{instance / 'secret_key'} is cut short; restore it from a backup, or remove it: "
            "then stored secrets have to be set again"
        )
    return key


def _kept_key(instance: Path) -> str:
    instance.mkdir(parents=True, exist_ok=True)
    kept = instance / "secret_key"
    if not kept.exists():
        fresh = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fresh, "w") as file:
            file.write(secrets.token_hex(32))
    return kept.read_text(encoding="utf-8", errors="replace").strip()
