"""A page of the guide as HTML: its headings named, its links led to where they are served."""

from __future__ import annotations

from functools import lru_cache
from posixpath import dirname, normpath
from xml.etree.ElementTree import Element

from flask import url_for
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

from webapp.guide import library

EXTENSIONS = ("tables", "fenced_code", "sane_lists")


@lru_cache(maxsize=256)
def rendered(name: str, language: str) -> Markup:
    """Return a page as HTML. Raises KeyError for a page that there is not."""
    page = library.text(name, language)
    reader = Markdown(extensions=[*EXTENSIONS, _GuideExtension(name, language)])
    return Markup(reader.convert(page))  # noqa: S704  (our own pages, with no input of anybody)


class _GuideExtension(Extension):
    def __init__(self, name: str, language: str) -> None:
        super().__init__()
        self.links = _GuideLinks(name, language)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  (the library's name)
        """Add what changes the tree after the library's own."""
        md.treeprocessors.register(self.links, "guide", 5)


class _GuideLinks(Treeprocessor):
    def __init__(self, name: str, language: str) -> None:
        super().__init__()
        self.name, self.language = name, language

    def run(self, root: Element) -> None:
        """Name headings, lead links and pictures, and let wide tables scroll by themselves."""
        known = iter(library.headings(self.name, self.language))
        for one in root.iter():
            if one.tag in ("h1", "h2", "h3", "h4"):
                one.set("id", next(known).name)
            elif one.tag == "a":
                self._lead(one)
            elif one.tag == "img":
                path = self._path(one.get("src", ""))
                one.set("src", url_for("guide.picture", name=path))
        _frame_tables(root)

    def _lead(self, link: Element) -> None:
        """Lead a link to the page of the guide that it means, or to nothing."""
        target, _, fragment = link.get("href", "").partition("#")
        if "://" in target:
            link.set("rel", "noopener noreferrer")
            return
        name = self._path(target) if target else self.name
        name = name.removesuffix(".md").removesuffix(".zh-CN")
        if name not in library.names():
            # A file of the repository, which the product does not serve.
            link.attrib.pop("href")
            return
        anchor = library.anchor(name, self.language, fragment) if fragment else ""
        link.set("href", url_for("guide.page", name=name, _anchor=anchor or None))

    def _path(self, target: str) -> str:
        return normpath(f"{dirname(self.name)}/{target}").removeprefix("/")


def _frame_tables(root: Element) -> None:
    """Put each table into a box that scrolls; by the keyboard, too."""
    for parent in list(root.iter()):
        for number, child in enumerate(list(parent)):
            if child.tag == "table":
                frame = Element("div", {"class": "guide-table", "tabindex": "0"})
                parent[number] = frame
                frame.append(child)
                frame.tail, child.tail = child.tail, None
