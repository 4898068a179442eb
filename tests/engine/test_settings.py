"""Settings are checked at start: what is unsafe or cannot work is refused by its name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import Misconfigured
from engine.roles import WIDE
from engine.settings import Settings

# What a deployment makes: 32 random bytes each.
KEY = "Yb0cS4mP9dKq1vXw7RzTn3hLgJ6uFo2eAi8sCtVxEyM="
OTHER = "pD5zWq8Lk2vRx9cTn4bYg7hMj1sFa6uEo3iKtXwZyQ0="
SECRETS = {
    "FENGQIAO_SECRET_KEY": "nV7xQz2Lr9kTw4bYc8hMj1sFa6uEo3iKdPgRyXtZ5W0=",
    "FENGQIAO_VAULT_KEYS": KEY,
    "FENGQIAO_INDEX_KEY": "Tg6yHn3uJm8iKo1pLq4wEr7tYz2xCv5bNa9sDfGhJ0k=",
    "FENGQIAO_AUDIT_KEY": "Qa1wSx4eDc7rFv2tGb5yHn8uJm3iKl6oPz9xCvBnMq0=",
}
PRODUCTION = {
    **SECRETS,
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
        ("SECRET_KEY", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1cDe4"),
        ("SECRET_KEY", "A" * 43 + "="),
        ("INDEX_KEY", "abcdefghijklmnop" * 3),
        ("AUDIT_KEY", "please-change-me-0123456789-abcdefgh"),
        ("VAULT_KEYS", "A" * 43 + "="),
        ("VAULT_KEYS", f"{OTHER},{'A' * 43}="),
        # The same as another one.
        ("INDEX_KEY", KEY),
        ("VAULT_KEYS", f"{OTHER},{SECRETS['FENGQIAO_SECRET_KEY']}"),
        ("OUTGOING_ALLOW", "gateway.example"),
        ("SECOND_FACTOR_ROLES", "Administrators!"),
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
    assert read(tmp_path, VAULT_KEYS=f"{OTHER}, {KEY}").vault_keys == (OTHER, KEY)


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


def test_it_asks_for_a_second_factor_in_production_unless_told(tmp_path: Path) -> None:
    assert set(read(tmp_path).second_factor_roles) == WIDE - {"policy_editor"}
    assert read(tmp_path, SECOND_FACTOR_ROLES="none").second_factor_roles == ()
    demo = Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)})
    assert demo.second_factor_roles == ()


def test_a_demo_has_an_address_of_its_own_and_production_has_not(tmp_path: Path) -> None:
    environ = {"FENGQIAO_DATA_DIR": str(tmp_path), "FENGQIAO_PORT": "8123"}
    assert Settings.from_environment(environ).public_url == "http://127.0.0.1:8123"
    assert read(tmp_path).public_url == ""
