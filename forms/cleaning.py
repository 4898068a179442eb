"""From answers as typed to clean answers: what is asked, what is missing, what does not fit.

In this order: single answers are read by their kind; `show_when` decides which fields are asked
(the answers of the others are dropped, whatever they were); required ones must be there; bounds
and the form's rules are held against the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from feel import FeelError, Text
from forms.defaults import untouched, without_untouched
from forms.definition import Field, FormRule
from forms.findings import WrongAnswer
from forms.kinds import check_bounds
from forms.schema import parse
from forms.sections import Section, asked_fields, condition_values, holds


class Cleaning:
    """One pass over one set of answers; `errors` grows as it goes."""

    def __init__(self, today: date, last_day: date | None = None) -> None:
        self.today = today
        self.errors: dict[str, list[Text]] = {}
        self.outer, self.functions = condition_values(today, last_day)

    def form(
        self, section: Section, rules: Iterable[FormRule], answers: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Clean the answers of a whole form; what is wrong with them is in `errors`."""
        typed = without_untouched(section.fields, answers, self.today)
        values, problems = parse(section.schema, typed)
        clean, scope = self.judge(section, values, problems, self.outer, "")
        self.rules(rules, scope)
        return clean

    def judge(
        self,
        section: Section,
        values: Mapping[str, Any],
        problems: Mapping[Any, Any],
        outer: Mapping[str, Any],
        prefix: str,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Clean what a schema has read; return the answers and the scope of conditions."""
        names, scope = asked_fields(section, values, outer, self.functions)
        clean = {}
        for field in section.fields:
            if field.name in names:
                value = self.answer(section, field, values, problems, scope, prefix)
                if value is not None:
                    clean[field.name] = value
        return clean, scope

    def answer(
        self,
        section: Section,
        field: Field,
        values: Mapping[str, Any],
        problems: Mapping[Any, Any],
        scope: Mapping[str, Any],
        prefix: str,
    ) -> Any:
        """Clean the answer of one field that is asked; None if there is none."""
        path, wrong = prefix + field.name, problems.get(field.name)
        value = values.get(field.name)
        if isinstance(wrong, list):
            self.refuse(path, *wrong)
            return None
        if field.kind == "list" and value is not None:
            value = self.row_answers(section.rows[field.name], value, wrong or {}, scope, path)
        if value is None or value == []:
            if field.required or holds(field.required_when, scope, self.functions):
                self.refuse(path, missing(field))
            return None
        try:
            check_bounds(field, value, self.today)
        except WrongAnswer as refused:
            self.refuse(path, refused.text)
        return value

    def row_answers(
        self,
        rows: Section,
        values: Sequence[Any],
        problems: Mapping[Any, Any],
        scope: Mapping[str, Any],
        path: str,
    ) -> list[Any]:
        """Clean the rows of a list; empty ones are left out, errors keep the typed place."""
        found = []
        for number, row in enumerate(values):
            wrong = problems.get(number, {})
            if isinstance(wrong, list):
                self.refuse(f"{path}-{number}", *wrong)
            elif row is not None:
                known = len(self.errors)
                clean, _ = self.judge(rows, row, wrong, scope, f"{path}-{number}-")
                # What is left of a row may be no more than what a new one begins with.
                if len(self.errors) > known or not untouched(rows.fields, clean, self.today):
                    found.append(clean)
        return found

    def rules(self, rules: Iterable[FormRule], scope: Mapping[str, Any]) -> None:
        """Hold the rules of the form against answers that are themselves right."""
        refused = {path.split("-")[0] for path in self.errors}
        for rule in rules:
            if refused & (rule.test.expression.variables | set(rule.fields)):
                continue
            if self.is_broken(rule, scope):
                for name in rule.fields or ("",):
                    self.refuse(name, rule.message)

    def is_broken(self, rule: FormRule, scope: Mapping[str, Any]) -> bool:
        """Return whether a rule is false; a null, as of an answer that is missing, is not."""
        try:
            return rule.test.expression.evaluate(scope, functions=self.functions) is False
        except FeelError:
            # A rule that cannot be judged must not let the answers pass unjudged.
            return True

    def refuse(self, path: str, *texts: Text) -> None:
        known = self.errors.setdefault(path, [])
        known.extend(text for text in texts if text not in known)


def missing(field: Field) -> Text:
    """Ask for an answer in the words that fit the kind of field."""
    if field.kind == "list" and isinstance(field.min, int) and field.min > 1:
        # Said at once: whoever adds the one that was asked for should not be refused again.
        few = Text(f"请至少填写 {field.min} 项", f"please add at least {field.min}")
        return Text(f"{few.zh}：{field.label.zh}", f"{few.en}: {field.label.en}")
    zh, en = {
        "choice": ("请选择", "please choose"),
        "choices": ("请选择", "please choose"),
        "yes_no": ("请选择", "please choose"),
        "rating": ("请评分", "please rate"),
        "files": ("请上传", "please attach"),
        "position": ("请定位", "please locate"),
        "list": ("请至少填写一项", "please add at least one of"),
        "place": ("请选择", "please choose"),
        "unit": ("请选择", "please choose"),
        "units": ("请选择", "please choose"),
        "staff": ("请选择", "please choose"),
    }.get(field.kind, ("请填写", "please fill in"))
    return Text(f"{zh}：{field.label.zh}", f"{en}: {field.label.en}")
