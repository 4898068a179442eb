"""The characters of an answer: what is refused, what is made uniform."""

from __future__ import annotations

import re
import unicodedata

from forms.findings import WrongAnswer

# C0 and C1 controls but tab and line feed, lone surrogates, the controls that reverse the
# direction of writing (they make a text read as something else) and the noncharacters.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
# Invisible marks that copying from web pages and chat programs leaves behind.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_IN_NAME = re.compile(f"(?<=[{_HAN}])\\s+(?=[{_HAN}])")
_DOTS = re.compile("[\u2022\u2027\u30fb\uff0e\uff65\u22c5\u2219]")


def tidy(text: str) -> str:
    """Return a text in composed form, with plain line ends, without invisible marks or margins.

    Raises WrongAnswer for control characters, lone surrogates and direction overrides.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _INVISIBLE.sub("", text.replace("\u2029", "\n").replace("\x0b", "\n"))
    if _REFUSED.search(text):
        raise WrongAnswer(
            "含有无法显示的控制字符，请重新输入这一项",
            "it contains control characters that cannot be shown; please type it again",
        )
    return unicodedata.normalize("NFC", text).strip()


def one_line(text: str) -> str:
    """Return a tidy text on one line."""
    return " ".join(tidy(text).split())


def half_width(text: str) -> str:
    """Return a tidy text with full-width digits, letters and signs as ASCII ones (NFKC)."""
    return unicodedata.normalize("NFKC", tidy(text)).strip()


def name(text: str) -> str:
    """Return a person's name: one line, one kind of middle dot, no spaces between characters."""
    return _DOTS.sub("·", _SPACE_IN_NAME.sub("", one_line(text)))


def storable(text: str) -> str:
    """Return a text that any page can carry: lone surrogates and NUL become the replacement
    sign.
    """
    return (
        text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
