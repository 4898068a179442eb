"""Builds the documentation site of both languages with MkDocs Material: `make site`.

`docs/` holds NAME.md and NAME.zh-CN.md; each language becomes a site of its own below `site/`,
with a switch to the other. Nothing is fetched: no fonts, no scripts of other hosts.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

DOCS = ROOT / "docs"
CHINESE = ".zh-CN.md"
LANGUAGES = {
    "zh": ("zh_CN", "枫桥", "基层治理办事平台的使用说明"),
    "en": ("en", "Fengqiao", "Guide to casework of grassroots governance"),
}
# For whoever reads the code, in English alone.
DEVELOPERS = ("architecture", "decisions", "security", "rights", "performance", "testing")
ABOUT_CODE = {"zh": "开发", "en": "Development"}
# A link out of docs/ leads nowhere on the site.
OUTWARD = re.compile(r"\[([^\]]+)\]\((?:\.\./)+[^)]*\)")


def main(arguments: list[str]) -> int:
    """Build both sites into the named folder, or into site/; return 0 when both are there."""
    target = Path(arguments[0]) if arguments else ROOT / "site"
    for language in LANGUAGES:
        build(language, target / language)
    (target / "index.html").write_text(_entrance(), encoding="utf-8")
    print(f"{sum(1 for _ in target.rglob('*.html'))} pages in {target}")
    return 0


def build(language: str, target: Path) -> None:
    """Build the site of one language. Raises mkdocs' Abort when a link leads nowhere."""
    from mkdocs.commands.build import build as make
    from mkdocs.config import load_config

    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "docs")
        gather(language, source)
        settings = _settings(language, source, target)
        config = load_config(config_file=str(ROOT / "tools/site.yml"), strict=True, **settings)
        make(config)


def gather(language: str, into: Path) -> None:
    """Copy the pages of a language under one name each, so that their links agree."""
    for path in DOCS.rglob("*"):
        relative = path.relative_to(DOCS).as_posix()
        if path.is_dir() or (path.suffix == ".md" and not _belongs(path, language)):
            continue
        target = into / relative.replace(CHINESE, ".md")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = path.read_text(encoding="utf-8").replace(CHINESE, ".md")
            target.write_text(OUTWARD.sub(r"\1", text), encoding="utf-8")
        else:
            shutil.copyfile(path, target)
    (into / "tour.md").rename(into / "index.md")


def _belongs(path: Path, language: str) -> bool:
    twin = path.with_name(path.name.removesuffix(".md") + CHINESE)
    if path.name.endswith(CHINESE):
        return language == "zh"
    return language == "en" or not twin.exists()


def _settings(language: str, source: Path, target: Path) -> dict[str, Any]:
    locale, name, about = LANGUAGES[language]
    return {
        "docs_dir": str(source),
        "site_dir": str(target),
        "site_name": name,
        "site_description": about,
        "nav": _navigation(language, locale),
        "theme": {
            "name": "material",
            "language": language,
            "font": False,
            "features": ["navigation.tabs", "navigation.top", "search.highlight"],
            "palette": [
                {
                    "media": "(prefers-color-scheme: light)",
                    "scheme": "default",
                    "primary": "indigo",
                },
                {"media": "(prefers-color-scheme: dark)", "scheme": "slate", "primary": "indigo"},
            ],
        },
        "extra": {
            "generator": False,
            "alternate": [
                {"name": "中文", "link": "../zh/", "lang": "zh"},
                {"name": "English", "link": "../en/", "lang": "en"},
            ],
        },
    }


def _navigation(language: str, locale: str) -> list[Any]:
    """Return the chapters of the guide inside the product, and the pages about the code."""
    from webapp.guide.contents import CHAPTERS

    chapters: list[Any] = [
        {chapter.name.to(locale): [_file(page) for page in chapter.pages]} for chapter in CHAPTERS
    ]
    return [*chapters, {ABOUT_CODE[language]: [f"{name}.md" for name in DEVELOPERS]}]


def _file(page: str) -> str:
    return "index.md" if page == "tour" else f"{page}.md"


def _entrance() -> str:
    """Return the page that leads to the language of the browser, or lets one choose."""
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>枫桥 Fengqiao</title>'
        '<p><a href="zh/">中文</a> · <a href="en/" lang="en">English</a></p></html>\n'
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
