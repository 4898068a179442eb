"""Settings are checked at start: what is unsafe or cannot work is refused by its name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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


def test_it_makes_the_secrets_of_a_demo_once_and_for_itself_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    def start(_: int) -> Settings:
        return Settings.from_environment({"FENGQIAO_DATA_DIR": str(folder)})

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(start, range(8))

    assert all(one == first for one in others) and len(first.secret_key) > 40
    made = [folder, *folder.rglob("*")]
    assert {oct(one.stat().st_mode & 0o777) for one in made} == {"0o700", "0o600"}
    assert len(list((folder / "secrets").iterdir())) == 4
