"""What can be wrong with a file as such: not readable, not safe, not a diagram, too heavy."""

from __future__ import annotations

from engine.bpmn.check.rules.files import (
    bad_form,
    duplicate_process,
    engine_refused,
    foreign_settings,
    more_findings,
    no_decision,
    no_picture,
    no_process,
    not_bpmn,
    not_executable,
    too_heavy,
    xml_broken,
    xml_doctype,
    xml_empty,
    xml_encoding,
    xml_include,
    xml_not_xml,
    xml_too_deep,
    xml_too_large,
)

EMPTY = xml_empty.RULE
TOO_LARGE = xml_too_large.RULE
NOT_XML = xml_not_xml.RULE
BROKEN = xml_broken.RULE
ENCODING = xml_encoding.RULE
TOO_DEEP = xml_too_deep.RULE
DOCTYPE = xml_doctype.RULE
INCLUDE = xml_include.RULE
NOT_BPMN = not_bpmn.RULE
BAD_FORM = bad_form.RULE
NO_PROCESS = no_process.RULE
NO_DECISION = no_decision.RULE
NOT_EXECUTABLE = not_executable.RULE
DUPLICATE_PROCESS = duplicate_process.RULE
NO_PICTURE = no_picture.RULE
FOREIGN = foreign_settings.RULE
TOO_HEAVY = too_heavy.RULE
MORE = more_findings.RULE
FAILED = engine_refused.RULE
