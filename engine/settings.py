"""Settings from FENGQIAO_* environment variables, frozen and checked at start."""

from __future__ import annotations

import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import Misconfigured
from engine.terms.levels import LEVELS
from feel.text import Text

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SHORTEST_SECRET, SHORTEST_TOKEN = 32, 16
# Of so many different characters at least; 32 random bytes have about thirty.
FEWEST_CHARACTERS = 12
# What stands in examples, and is left there.
PLACEHOLDERS = ("change", "secret", "password", "example", "fengqiao", "default")
STRONG_ROLES = "admin,security_admin,auditor,policy_publisher,supervisor,confidential_officer"


def _doc(default: str, text: str) -> dict[str, str]:
    return {"default": default, "doc": text}


@dataclass(frozen=True)
class Settings:
    """One deployment's settings; ``from_environment`` is the only place that reads them."""

    mode: str = field(metadata=_doc("demo", "`demo` or `production`; production refuses defaults"))
    data_dir: Path = field(metadata=_doc("var", "database file, attachments, anchors, secrets"))
    database_url: str = field(metadata=_doc("sqlite in DATA_DIR", "SQLAlchemy URL"))
    secret_key: str = field(metadata=_doc("made once in DATA_DIR", "signs sessions and forms"))
    vault_keys: tuple[str, ...] = field(
        metadata=_doc("made once in DATA_DIR", "Fernet keys, newest first, separated by commas")
    )
    index_key: str = field(metadata=_doc("made once in DATA_DIR", "key of the blind index"))
    audit_key: str = field(metadata=_doc("made once in DATA_DIR", "key of audit digests"))
    levels: tuple[str, ...] = field(
        metadata=_doc("county,township,village,grid", "the four handling levels, top down")
    )
    timezone: str = field(metadata=_doc("Asia/Shanghai", "zone of office hours and screens"))
    port: int = field(metadata=_doc("8000", "port of `fengqiao run`, on 127.0.0.1"))
    tick_seconds: int = field(metadata=_doc("5", "seconds between two sweeps of the worker"))
    anchor_file: Path | None = field(
        metadata=_doc("DATA_DIR/anchors.log", "where audit heads are anchored outside the database")
    )
    anchor_tsa: str = field(
        metadata=_doc("none", "address of a time-stamp service (RFC 3161) that stamps the anchors")
    )
    anchor_tsa_roots: Path | None = field(
        metadata=_doc("none", "PEM file of the authorities whose stamps are believed")
    )
    anchor_syslog: str = field(
        metadata=_doc("none", "`host:port` that receives the anchors by syslog over TLS (RFC 5425)")
    )
    anchor_syslog_roots: Path | None = field(
        metadata=_doc(
            "the system's", "PEM file of the authorities that are trusted for that receiver"
        )
    )
    anchor_syslog_certificate: Path | None = field(
        metadata=_doc("none", "PEM file with our certificate and key, where the receiver asks")
    )
    signing_certificate: Path | None = field(
        metadata=_doc(
            "none; a demo makes its own", "PKCS#12 file with which sealed papers are signed"
        )
    )
    signing_password: str = field(metadata=_doc("none", "password of that file"))
    upload_mb: int = field(metadata=_doc("20", "largest attachment, in MB"))
    cookie_secure: bool = field(metadata=_doc("on in production", "session cookie over HTTPS only"))
    log_level: str = field(metadata=_doc("INFO", "level of the structured log"))
    public_url: str = field(
        metadata=_doc(
            "none; of a demo its own",
            "address people open, such as https://a.example: links, QR codes, passkeys",
        )
    )
    demo_cases: int = field(
        metadata=_doc("200", "invented cases in the new demo of `fengqiao run`, 0 for none")
    )
    metrics_token: str = field(
        metadata=_doc("none", "what has to be brought to read /metrics; without one nobody may")
    )
    message_days: int = field(
        metadata=_doc("90", "days after which sent and read messages are removed, 0 keeps them")
    )
    session_hours: int = field(metadata=_doc("12", "hours after which every log-in ends"))
    session_idle_minutes: int = field(
        metadata=_doc("30", "minutes without use after which a log-in ends, 0 for none")
    )
    separate_admins: bool = field(
        metadata=_doc("0", "1: system, security and audit administrators are different people")
    )
    former_days: int = field(
        metadata=_doc(
            "180", "days for which confidential cases go round whoever left the unit concerned"
        )
    )
    password_history: int = field(metadata=_doc("5", "earlier passwords that are not taken again"))
    password_days: int = field(
        metadata=_doc("0", "days after which a password must be changed, 0 for never")
    )
    second_factor_roles: tuple[str, ...] = field(
        metadata=_doc(
            f"{STRONG_ROLES}; in a demo none", "roles that log in with a second factor, or `none`"
        )
    )
    outgoing_allow: tuple[str, ...] = field(
        metadata=_doc(
            "none", "networks inside that messages may go to, such as 10.1.2.0/24, with commas"
        )
    )
    proxies: int = field(metadata=_doc("0", "reverse proxies in front, whose headers are believed"))

    @property
    def production(self) -> bool:
        """Whether unsafe defaults are refused and moving the clock is forbidden."""
        return self.mode == "production"

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin and screens show times."""
        return ZoneInfo(self.timezone)

    def local_day(self, moment: datetime) -> date:
        """Return the day that a moment belongs to here."""
        return moment.astimezone(self.zone).date()

    def local_last_day(self, ends: datetime) -> date:
        """Return the last day of a limit that ends at a moment: 24:00 is of the day before."""
        return self.local_day(ends - timedelta(microseconds=1))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check the environment. Raises Misconfigured with the variable's name."""
        read = _EnvironmentReader(os.environ if environ is None else environ)
        mode = _mode(read("MODE", "demo"))
        production = mode == "production"
        data_dir = Path(read("DATA_DIR", "var")).resolve()
        secret = _Secrets(read, data_dir, production)
        port = read.number("PORT", 8000, 1, 65535)
        own_address = f"http://127.0.0.1:{port}"
        return cls(
            mode=mode,
            data_dir=data_dir,
            database_url=_database_url(read("DATABASE_URL", ""), data_dir, production),
            secret_key=secret("SECRET_KEY"),
            vault_keys=_vault_keys(secret("VAULT_KEYS")),
            index_key=secret("INDEX_KEY"),
            audit_key=secret("AUDIT_KEY"),
            levels=_levels(read("LEVELS", "county,township,village,grid")),
            timezone=_timezone(read("TIMEZONE", "Asia/Shanghai")),
            port=port,
            tick_seconds=read.number("TICK_SECONDS", 5, 1, 3600),
            **_proving(read, data_dir),
            upload_mb=read.number("UPLOAD_MB", 20, 1, 2000),
            cookie_secure=bool(read.number("COOKIE_SECURE", int(production), 0, 1)),
            log_level=_log_level(read("LOG_LEVEL", "INFO")),
            public_url=_public_url(read("PUBLIC_URL", "" if production else own_address)),
            demo_cases=read.number("DEMO_CASES", 200, 0, 100_000),
            metrics_token=_metrics_token(read("METRICS_TOKEN", "")),
            message_days=read.number("MESSAGE_DAYS", 90, 0, 36_500),
            session_hours=read.number("SESSION_HOURS", 12, 1, 720),
            session_idle_minutes=read.number("SESSION_IDLE_MINUTES", 30, 0, 43_200),
            separate_admins=bool(read.number("SEPARATE_ADMINS", 0, 0, 1)),
            former_days=read.number("FORMER_DAYS", 180, 0, 36_500),
            **_passwords(read),
            second_factor_roles=_roles(
                read("SECOND_FACTOR_ROLES", STRONG_ROLES if production else "none")
            ),
            outgoing_allow=_networks(read("OUTGOING_ALLOW", "")),
            proxies=read.number("PROXIES", 0, 0, 10),
        )


_current: Settings | None = None


def use(settings: Settings) -> None:
    """Make ``settings`` those of this process; called once at start, and by tests."""
    global _current
    _current = settings


def current() -> Settings:
    """Return the settings of this process, read from the environment if nobody set them before."""
    if _current is None:
        use(Settings.from_environment())
    assert _current is not None
    return _current


class _EnvironmentReader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def __call__(self, name: str, default: str) -> str:
        return self.environ.get(f"FENGQIAO_{name}", "").strip() or default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self(name, str(default))
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise _bad(name, f"应为 {low} 到 {high} 的整数", f"must be a number {low} to {high}")
        return int(text)


class _Secrets:
    """Secrets come from the environment; a demo makes them once in a private file."""

    def __init__(self, read: _EnvironmentReader, data_dir: Path, production: bool) -> None:
        self.read, self.folder, self.production = read, data_dir / "secrets", production
        self.values: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        given = self.read(name, "")
        if given and self.production:
            for one in given.split(",") if name == "VAULT_KEYS" else (given,):
                self._weigh(name, one.strip())
        if given:
            return given
        if self.production:
            raise _bad(name, "生产环境必须设置", "must be set in production")
        return self._made_once(name.lower())

    def _weigh(self, name: str, text: str) -> None:
        """Refuse what is short, guessed, of zeros, or another setting's secret as well."""
        if len(text) < SHORTEST_SECRET:
            words = f"must have at least {SHORTEST_SECRET} characters in production"
            raise _bad(name, f"生产环境至少 {SHORTEST_SECRET} 个字符", words)
        guessed = any(word in text.lower() for word in PLACEHOLDERS)
        if guessed or len(set(text)) < FEWEST_CHARACTERS or text in (text + text)[1:-1]:
            words = "is no random value; make one with 32 random bytes"
            raise _bad(name, "不是随机值，请用 32 个随机字节生成", words)
        other = self.values.setdefault(text, name)
        if other != name:
            words = f"is the same as FENGQIAO_{other}; each secret needs its own"
            raise _bad(name, f"与 FENGQIAO_{other} 相同，各密钥须不同", words)

    def _made_once(self, name: str) -> str:
        path = self.folder / name
        if not path.exists():
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = urlsafe_b64encode(secrets.token_bytes(32)).decode()
            # Of two processes that start at once one wins for both, and none reads half a secret.
            with NamedTemporaryFile("w", dir=self.folder) as file, suppress(FileExistsError):
                file.write(fresh)
                file.flush()
                os.link(file.name, path)
        return path.read_text().strip()


def _mode(text: str) -> str:
    if text not in ("demo", "production"):
        raise _bad("MODE", "只能是 demo 或 production", "must be demo or production")
    return text


def _database_url(given: str, data_dir: Path, production: bool) -> str:
    if given.startswith("postgresql://"):
        return given.replace("postgresql://", "postgresql+psycopg://", 1)
    if given and not given.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise _bad("DATABASE_URL", "仅支持 SQLite 与 PostgreSQL", "must be SQLite or PostgreSQL")
    if not given and production:
        raise _bad("DATABASE_URL", "生产环境必须设置", "must be set in production")
    return given or f"sqlite:///{data_dir / 'fengqiao.db'}"


def _levels(text: str) -> tuple[str, ...]:
    levels = tuple(part.strip() for part in text.split(","))
    ordered = sorted(levels, key=lambda level: LEVELS.index(level) if level in LEVELS else -1)
    if len(levels) != 4 or not set(levels) <= set(LEVELS) or list(levels) != ordered:
        raise _bad("LEVELS", "应为自上而下的四级", "must name four levels, top down")
    return levels


def _vault_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(","))
    for key in keys:
        try:
            fits = len(urlsafe_b64decode(key)) == 32
        except ValueError:
            fits = False
        if not fits:
            raise _bad("VAULT_KEYS", "应为 Fernet 密钥，用逗号分隔", "must be Fernet keys")
    return keys


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _bad("TIMEZONE", "不是时区名称", "is no time zone, such as Asia/Shanghai") from error
    return name


def _public_url(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        words = "must begin with https:// or http://"
        raise _bad("PUBLIC_URL", "应以 https:// 或 http:// 开头", words)
    return text.rstrip("/")


def _passwords(read: _EnvironmentReader) -> dict[str, Any]:
    return {
        "password_history": read.number("PASSWORD_HISTORY", 5, 0, 50),
        "password_days": read.number("PASSWORD_DAYS", 0, 0, 3650),
    }


def _anchoring(read: _EnvironmentReader, data_dir: Path) -> dict[str, Any]:
    return {
        "anchor_file": Path(read("ANCHOR_FILE", str(data_dir / "anchors.log"))),
        "anchor_tsa": _stamping(read("ANCHOR_TSA", ""), read("ANCHOR_TSA_ROOTS", "")),
        "anchor_tsa_roots": _readable(read, "ANCHOR_TSA_ROOTS"),
        "anchor_syslog": _receiver(read("ANCHOR_SYSLOG", "")),
        "anchor_syslog_roots": _readable(read, "ANCHOR_SYSLOG_ROOTS"),
        "anchor_syslog_certificate": _readable(read, "ANCHOR_SYSLOG_CERTIFICATE"),
    }


def _proving(read: _EnvironmentReader, data_dir: Path) -> dict[str, Any]:
    return {
        **_anchoring(read, data_dir),
        "signing_certificate": _readable(read, "SIGNING_CERTIFICATE"),
        "signing_password": read("SIGNING_PASSWORD", ""),
    }


def _stamping(url: str, roots: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        words = "must begin with https:// or http://"
        raise _bad("ANCHOR_TSA", "应以 https:// 或 http:// 开头", words)
    if url and not roots:
        raise _bad("ANCHOR_TSA_ROOTS", "使用时间戳服务时必须设置", "must be set with ANCHOR_TSA")
    return url


def _receiver(text: str) -> str:
    host, _, port = text.rpartition(":")
    if text and not (host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise _bad("ANCHOR_SYSLOG", "应为 主机:端口", "must be host:port")
    return text


def _readable(read: _EnvironmentReader, name: str) -> Path | None:
    text = read(name, "")
    if text and not os.access(text, os.R_OK):
        raise _bad(name, "所指的文件无法读取", "names a file that cannot be read")
    return Path(text).resolve() if text else None


def _metrics_token(text: str) -> str:
    if text and len(text) < SHORTEST_TOKEN:
        words = f"must have at least {SHORTEST_TOKEN} characters"
        raise _bad("METRICS_TOKEN", f"至少 {SHORTEST_TOKEN} 个字符", words)
    return text


def _roles(text: str) -> tuple[str, ...]:
    roles = tuple(part.strip() for part in text.split(",") if part.strip())
    if any(not re.fullmatch(r"[a-z_]{2,20}", role) for role in roles):
        raise _bad("SECOND_FACTOR_ROLES", "应为角色代码，用逗号分隔", "must name roles")
    return () if roles == ("none",) else roles


def _networks(text: str) -> tuple[str, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tuple(str(ip_network(part)) for part in parts)
    except ValueError as error:
        words = "must be networks such as 10.1.2.0/24, separated by commas"
        raise _bad("OUTGOING_ALLOW", "应为网段，例如 10.1.2.0/24，用逗号分隔", words) from error


def _log_level(name: str) -> str:
    if name.upper() not in LOG_LEVELS:
        listed = ", ".join(LOG_LEVELS)
        raise _bad("LOG_LEVEL", f"应为 {listed} 之一", f"must be one of {listed}")
    return name.upper()


def _bad(name: str, zh: str, en: str) -> Misconfigured:
    variable = f"FENGQIAO_{name}"
    return Misconfigured(variable, Text(f"设置 {variable}：{zh}。", f"Setting {variable} {en}."))
