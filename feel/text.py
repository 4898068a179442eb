"""A message for people, in both languages of the product."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One sentence in Chinese and in English; `str()` gives the Chinese."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def to(self, locale: object) -> str:
        """Return the sentence for a locale such as `zh_CN` or `en`; unknown ones get Chinese."""
        return self.en if str(locale).lower().startswith("en") else self.zh

    def json(self) -> dict[str, str]:
        """Return the pair as the JSON documents of this project carry it."""
        return {"zh_CN": self.zh, "en": self.en}
