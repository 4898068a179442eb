"""Settings from FENGQIAO_* environment variables, frozen and checked at start."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import Misconfigured
from feel.text import Text

LEVELS = ("province", "city", "county", "township", "village", "grid")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SHORTEST_SECRET = 16


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
    upload_mb: int = field(metadata=_doc("20", "largest attachment, in MB"))
    cookie_secure: bool = field(metadata=_doc("on in production", "session cookie over HTTPS only"))
    log_level: str = field(metadata=_doc("INFO", "level of the structured log"))
    public_url: str = field(
        metadata=_doc("none", "address people open, such as https://a.example; for links in mail")
    )
    demo_cases: int = field(
        metadata=_doc("200", "invented cases in the new demo of `fengqiao run`, 0 for none")
    )
    metrics_token: str = field(
        metadata=_doc("none", "who brings it may read /metrics from elsewhere than this machine")
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
    proxies: int = field(metadata=_doc("0", "reverse proxies in front, whose headers are believed"))

    @property
    def production(self) -> bool:
        """Whether unsafe defaults are refused and moving the clock is forbidden."""
        return self.mode == "production"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check the environment. Raises Misconfigured with the variable's name."""
        read = _Reader(os.environ if environ is None else environ)
        mode = read("MODE", "demo")
        if mode not in ("demo", "production"):
            raise _bad("MODE", "只能是 demo 或 production", "must be demo or production")
        production = mode == "production"
        data_dir = Path(read("DATA_DIR", "var")).resolve()
        secret = _Secrets(read, data_dir, production)
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
            port=read.number("PORT", 8000, 1, 65535),
            tick_seconds=read.number("TICK_SECONDS", 5, 1, 3600),
            anchor_file=Path(read("ANCHOR_FILE", str(data_dir / "anchors.log"))),
            upload_mb=read.number("UPLOAD_MB", 20, 1, 2000),
            cookie_secure=bool(read.number("COOKIE_SECURE", int(production), 0, 1)),
            log_level=_log_level(read("LOG_LEVEL", "INFO")),
            public_url=_public_url(read("PUBLIC_URL", "")),
            demo_cases=read.number("DEMO_CASES", 200, 0, 100_000),
            metrics_token=_metrics_token(read("METRICS_TOKEN", "")),
            message_days=read.number("MESSAGE_DAYS", 90, 0, 36_500),
            session_hours=read.number("SESSION_HOURS", 12, 1, 720),
            session_idle_minutes=read.number("SESSION_IDLE_MINUTES", 30, 0, 43_200),
            separate_admins=bool(read.number("SEPARATE_ADMINS", 0, 0, 1)),
            proxies=read.number("PROXIES", 0, 0, 10),
        )


_current: Settings | None = None


def use(settings: Settings) -> None:
    """Make ``settings`` those of this process; called once at start, and by tests."""
    global _current
    _current = settings


def current() -> Settings:
    """The settings of this process, read from the environment if nobody set them before."""
    if _current is None:
        use(Settings.from_environment())
    assert _current is not None
    return _current


class _Reader:
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

    def __init__(self, read: _Reader, data_dir: Path, production: bool) -> None:
        self.read, self.folder, self.production = read, data_dir / "secrets", production

    def __call__(self, name: str) -> str:
        given = self.read(name, "")
        if given and self.production and len(given) < SHORTEST_SECRET:
            words = f"must have at least {SHORTEST_SECRET} characters in production"
            raise _bad(name, f"生产环境至少 {SHORTEST_SECRET} 个字符", words)
        if given:
            return given
        if self.production:
            raise _bad(name, "生产环境必须设置", "must be set in production")
        return self._made_once(name.lower())

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


def _metrics_token(text: str) -> str:
    if text and len(text) < SHORTEST_SECRET:
        words = f"must have at least {SHORTEST_SECRET} characters"
        raise _bad("METRICS_TOKEN", f"至少 {SHORTEST_SECRET} 个字符", words)
    return text


def _log_level(name: str) -> str:
    if name.upper() not in LOG_LEVELS:
        listed = ", ".join(LOG_LEVELS)
        raise _bad("LOG_LEVEL", f"应为 {listed} 之一", f"must be one of {listed}")
    return name.upper()


def _bad(name: str, zh: str, en: str) -> Misconfigured:
    variable = f"FENGQIAO_{name}"
    return Misconfigured(variable, Text(f"设置 {variable}：{zh}。", f"Setting {variable} {en}."))
