"""Write what the product is made of: `python tools/sbom.py [FILE]` (CycloneDX 1.6, JSON).

Told from the lock files alone, Python's and npm's: names, versions, hashes, licences as installed.
The same lock files give the same file, to the byte.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from base64 import b64decode
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "dist/fengqiao.cdx.json"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
SPACE = uuid.UUID("a7e1c1de-3a0b-5bd5-8f24-2f6f6d0f6e0a")
Component = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Write the file and say where."""
    target = Path(arguments[0]) if arguments else TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    document = bill()
    target.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{target}: {len(document['components'])} components")
    return 0


def bill() -> dict[str, Any]:
    """Return the whole document."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    product = {
        "type": "application",
        "bom-ref": "fengqiao",
        "name": setup["metadata"]["name"],
        "version": setup["metadata"]["version"],
        "licenses": [{"expression": setup["metadata"]["license"]}],
    }
    parts = [*python_packages(ROOT / "requirements.lock"), *npm_packages()]
    serial = uuid.uuid5(SPACE, json.dumps(parts, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": product},
        "components": parts,
        "dependencies": [{"ref": "fengqiao", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def python_packages(lock: Path) -> Iterator[Component]:
    """Yield the packages of a lock file with the hashes of all their files."""
    text = lock.read_text(encoding="utf-8")
    starts = [*PINNED.finditer(text)]
    ends = [found.start() for found in starts[1:]] + [len(text)]
    for found, end in zip(starts, ends, strict=True):
        name, version = found[1], found[2]
        purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
        part = _component(name, version, purl, _licence(name))
        hashes = HASH.findall(text, found.start(), end)
        # Each is of a file for another system; the component as such has none of its own.
        part["properties"] = [{"name": "fengqiao:sha256", "value": one} for one in sorted(hashes)]
        yield part


def npm_packages() -> Iterator[Component]:
    """Yield what is bundled into the scripts, by npm's lock file; what only builds and tests is
    not.
    """
    lock = json.loads((ROOT / "assets/package-lock.json").read_text(encoding="utf-8"))
    seen: set[str] = set()
    for path, entry in sorted(lock["packages"].items()):
        name = path.rpartition("node_modules/")[2]
        if not path or entry.get("dev") or entry.get("optional"):
            continue
        purl = f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"
        if purl in seen:
            continue
        seen.add(purl)
        part = _component(name, entry["version"], purl, str(entry.get("license", "")))
        kind, _, digest = entry.get("integrity", "").partition("-")
        if kind == "sha512":
            part["hashes"] = [{"alg": "SHA-512", "content": b64decode(digest).hex()}]
        yield part


def _component(name: str, version: str, purl: str, licence: str) -> Component:
    part: Component = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
    }
    if licence:
        part["licenses"] = [{"license": {"name": licence}}]
    return part


def _licence(name: str) -> str:
    """Return what the installed package says of itself; nothing where it is for another system."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return ""
    told = [*(found.get_all("License-Expression") or ()), *(found.get_all("License") or ())]
    classes = [one for one in found.get_all("Classifier") or [] if one.startswith("License ::")]
    # Some put the whole text there.
    short = [one for one in told if one and len(one) < 80 and "\n" not in one]
    return (short or [one.rpartition(":: ")[2] for one in classes] or [""])[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
