"""Policy staff open a shipped diagram and save it: not a byte has changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.left_out import leave_out
from tests.processes.walk import PROCESSES, ROOT

MODELER = ROOT / "assets/node_modules/bpmn-js/dist/bpmn-modeler.development.js"
GOV = ROOT / "assets/diagrams/gov-moddle.json"
OPEN_AND_SAVE = """async ([xml, gov]) => {
  const modeler = new BpmnJS({ container: "#canvas", moddleExtensions: { gov } });
  const { warnings } = await modeler.importXML(xml);
  const saved = await modeler.saveXML({ format: true });
  return { warnings: warnings.map((one) => one.message), xml: saved.xml };
}"""


@pytest.mark.parametrize("key", PROCESSES)
def test_it_is_saved_as_it_was_opened(page: Any, key: str) -> None:
    if not MODELER.is_file():
        leave_out("the front end's packages are not installed (make setup)")
    drawn = (ROOT / "processes" / key / f"{key}.bpmn").read_text(encoding="utf-8")
    page.set_content('<div id="canvas" style="height: 600px"></div>')
    page.add_script_tag(path=MODELER)

    found = page.evaluate(OPEN_AND_SAVE, [drawn, json.loads(GOV.read_text(encoding="utf-8"))])

    assert found["warnings"] == []
    assert found["xml"].splitlines() == drawn.splitlines()
