"""A gathered volume as PDF: a Jinja template in a sandbox, set by WeasyPrint, fetching nothing."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from engine.documents.volume.volume import Volume


class FetchForbidden(Exception):
    """A document names an address; what it needs is inside of it."""


def as_html(volume: Volume) -> str:
    """Return the volume as one HTML page for print; every answer is escaped."""
    return _template().render(volume=volume)


def as_pdf(volume: Volume) -> bytes:
    """Return the volume as PDF, pages numbered, with an outline."""
    # Heavy, and needed by the worker alone.
    from weasyprint import HTML

    document = HTML(string=as_html(volume), url_fetcher=_refuse)
    return bytes(document.write_pdf())


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise FetchForbidden(url)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = SandboxedEnvironment(
        loader=FunctionLoader(lambda name: (files(__package__) / name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("dossier.html")
