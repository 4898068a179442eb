"""Characters that no installed font can draw: named before a paper is final, never a box in it.

Asked of fontconfig, the library by which the typesetter finds its fonts. What a private-use
character looks like depends on the font that somebody happens to have: it is always named.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import unicodedata
from functools import cache
from typing import Any

# No ink is wanted of these; variants are drawn as their base where a font lacks them.
_SILENT = frozenset("\t\n\r\u200b\u2060\ufeff")


class _FontSet(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_int),
        ("size", ctypes.c_int),
        ("fonts", ctypes.POINTER(ctypes.c_void_p)),
    )


def missing(text: str) -> list[str]:
    """Return each character without a glyph once, in the order of the text."""
    return [one for one in dict.fromkeys(text) if not _has_glyph(one)]


@cache
def _has_glyph(character: str) -> bool:
    point = ord(character)
    if character in _SILENT or 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF:
        return True
    if unicodedata.category(character) in ("Co", "Cn", "Cs"):
        return False
    library, sets = _sets()
    return any(library.FcCharSetHasChar(one, point) for one in sets)


@cache
def _sets() -> tuple[Any, tuple[Any, ...]]:
    """Return fontconfig and the characters of every installed font, read once a process."""
    library = ctypes.CDLL(ctypes.util.find_library("fontconfig") or "libfontconfig.so.1")
    library.FcInitLoadConfigAndFonts.restype = ctypes.c_void_p
    library.FcConfigGetFonts.restype = ctypes.POINTER(_FontSet)
    library.FcConfigGetFonts.argtypes = (ctypes.c_void_p, ctypes.c_int)
    library.FcPatternGetCharSet.argtypes = (
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p),
    )  # fmt: skip
    library.FcCharSetHasChar.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    fonts = library.FcConfigGetFonts(library.FcInitLoadConfigAndFonts(), 0)
    found = []
    for at in range(fonts.contents.count if fonts else 0):
        held = ctypes.c_void_p()
        if not library.FcPatternGetCharSet(
            fonts.contents.fonts[at], b"charset", 0, ctypes.byref(held)
        ):
            found.append(held)
    return library, tuple(found)
