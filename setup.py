"""The one thing setup.cfg cannot say: a wheel is never built without its built parts."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


def missing_parts() -> list[str]:
    """What `make setup` would build and is not there yet, as paths."""
    manifest = ROOT / "webapp/static/dist/manifest.json"
    catalogues = (ROOT / "webapp/translations").glob("*/LC_MESSAGES/*.po")
    expected = [manifest, *(source.with_suffix(".mo") for source in catalogues)]
    return [str(path.relative_to(ROOT)) for path in expected if not path.is_file()]


class BuildWithAssets(build_py):
    """Refuses a wheel that would serve pages without scripts, styles or English."""

    def run(self) -> None:
        missing = missing_parts()
        if missing and not self.editable_mode:
            raise SystemExit(f"error: not built yet: {', '.join(missing)}; run `make setup` first")
        super().run()


setup(cmdclass={"build_py": BuildWithAssets})
