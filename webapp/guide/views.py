"""The addresses of the guide. Open to everybody: it tells of the product, not of a case."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from flask import Flask, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import downloads, locales
from webapp.account.people import public
from webapp.guide import blueprint, contents, library
from webapp.guide.rendering import rendered

MOST_HITS = 30
LONGEST_QUESTION = 100
AROUND = 60


@dataclass(frozen=True)
class GuideHit:
    """A section in which the words stand, and some of the text around them."""

    page: str
    heading: library.Heading
    title: str
    around: str


def init_app(app: Flask) -> None:
    """Register the addresses; make ``help_link`` and ``product_version`` known to templates."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["help_link"] = help_link
    app.jinja_env.globals["product_version"] = product_version()


def help_link() -> str:
    """Return the address of the section that explains the page of this request."""
    name, heading = contents.topic(request.endpoint)
    return url_for("guide.page", name=name, _anchor=heading or None)


def product_version() -> str:
    """Return the version that is installed; empty where nothing says so."""
    try:
        return version("fengqiao")
    except PackageNotFoundError:
        return ""


@blueprint.get("/")
@public
def index() -> str:
    """List the pages of the guide, or the sections in which words stand."""
    question = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    hits = find(question, locales.current()) if question else []
    return render_template(
        "guide/index.html", chapters=_chapters(), question=question, hits=hits, most=MOST_HITS
    )


@blueprint.get("/<path:name>")
@public
def page(name: str) -> str:
    """Show a page of the guide in the language of the person who asks."""
    language = locales.current()
    if name not in library.names():
        abort(404)
    return render_template(
        "guide/page.html",
        name=name,
        title=library.title(name, language),
        text=rendered(name, language),
        parts=[one for one in library.headings(name, language) if one.level == 2],
        chapters=_chapters(),
    )


@blueprint.get("/pictures/<path:name>")
@public
def picture(name: str) -> Response:
    """Send a picture of the guide."""
    path = library.picture(name)
    if path is None:
        abort(404)
    return downloads.own_picture(path)


def find(question: str, language: str) -> list[GuideHit]:
    """Return sections in which all the words stand; those that have them in the heading first."""
    words = question.lower().split()
    hits: list[tuple[int, GuideHit]] = []
    for chapter in contents.CHAPTERS:
        for name in chapter.pages:
            for section in library.sections(name, language):
                said = f"{section.heading.text}\n{section.text}".lower()
                if all(word in said for word in words):
                    hit = GuideHit(
                        name,
                        section.heading,
                        library.title(name, language),
                        _around(section, words),
                    )
                    in_heading = words[0] in section.heading.text.lower()
                    hits.append((not in_heading, hit))
    return [hit for _rank, hit in sorted(hits, key=lambda one: one[0])][:MOST_HITS]


def _around(section: library.GuideSection, words: list[str]) -> str:
    """Return the text around the first of the words, without marks."""
    plain = " ".join(section.text.replace("`", "").replace("|", " ").replace("*", "").split())
    at = max(plain.lower().find(words[0]), 0)
    begin = max(at - AROUND, 0)
    cut = plain[begin : at + 2 * AROUND]
    return f"{'…' if begin else ''}{cut}{'…' if at + 2 * AROUND < len(plain) else ''}"


def _chapters() -> list[tuple[str, list[tuple[str, str]]]]:
    language = locales.current()
    return [
        (
            chapter.name.to(language),
            [(name, library.title(name, language)) for name in chapter.pages],
        )
        for chapter in contents.CHAPTERS
    ]
