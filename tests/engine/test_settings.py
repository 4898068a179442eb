"""Settings are checked at start: what is unsafe or cannot work is refused by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Misconfigured
from engine.settings import Settings

KEY = "x" * 43 + "="
SECRETS = {f"FENGQIAO_{name}": KEY for name in ("SECRET_KEY", "VAULT_KEYS", "INDEX_KEY")}
PRODUCTION = {
    **SECRETS,
    "FENGQIAO_AUDIT_KEY": KEY,
    "FENGQIAO_MODE": "production",
    "FENGQIAO_DATABASE_URL": "postgresql://localhost/fengqiao",
}


def read(tmp_path: Path, **changes: str) -> Settings:
    """The settings of a production environment with these variables changed."""
    named = {f"FENGQIAO_{name}": value for name, value in changes.items()}
    return Settings.from_environment({**PRODUCTION, "FENGQIAO_DATA_DIR": str(tmp_path), **named})


def test_it_starts_in_production_with_every_secret(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.production and settings.cookie_secure
    assert settings.database_url.startswith("postgresql+psycopg://")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("INDEX_KEY", ""),
        ("AUDIT_KEY", "secret"),
        ("VAULT_KEYS", "not-a-fernet-key-at-all"),
        ("VAULT_KEYS", f"{KEY},"),
        ("VAULT_KEYS", "钥" * 20),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("MODE", "live"),
        # Neither yes nor no: to take it for no would send the cookie in clear.
        ("COOKIE_SECURE", "true"),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "../../etc/passwd"),
        ("LOG_LEVEL", "LOUD"),
        ("LEVELS", "county,city,township,grid"),
        ("PORT", "0"),
        ("TICK_SECONDS", "soon"),
    ],
)
def test_it_refuses_by_name_what_is_unsafe_or_cannot_work(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(Misconfigured) as refusal:
        read(tmp_path, **{name: value})

    assert f"FENGQIAO_{name}" in refusal.value.text.zh
    assert f"FENGQIAO_{name}" in refusal.value.text.en
    assert value == "" or value not in refusal.value.text.en


def test_it_takes_several_keys_with_spaces_between(tmp_path: Path) -> None:
    assert read(tmp_path, VAULT_KEYS=f"{KEY}, {KEY}").vault_keys == (KEY, KEY)
