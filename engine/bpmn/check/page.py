"""The page of all rules for policy staff, written from the register so that it is complete."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import unified_diff
from types import ModuleType

from engine.bpmn.check import inspection  # noqa: F401 - importing it registers every rule
from engine.bpmn.check.examples import Files, RuleExamples
from engine.bpmn.check.findings import REGISTER, SEVERITIES, CheckRule
from engine.bpmn.check.rules import modules
from feel.text import Text

_GROUPS = {
    "files": Text("文件", "Files"),
    "identifiers": Text("编号", "Ids"),
    "flow": Text("走向", "Flow"),
    "gateways": Text("网关和分支", "Gateways and branches"),
    "elements": Text("元素", "Elements"),
    "events": Text("事件和定时", "Events and timers"),
    "loops": Text("循环和多实例", "Loops and multi-instance"),
    "calls": Text("调用活动", "Call activities"),
    "assignment": Text("由谁办、用什么表单、多长时间", "Who, with which form, in what time"),
    "expressions": Text("表达式和变量", "Expressions and variables"),
    "decisions": Text("决策表", "Decision tables"),
    "scenarios": Text("测试用例", "Scenarios"),
    "sizes": Text("大小", "Size"),
}
_SEVERITY = {
    "error": Text("错误", "error"),
    "warning": Text("提醒", "warning"),
    "info": Text("说明", "note"),
}
_INTRO = Text(
    """\
# 流程检查

`fengqiao check 文件或文件夹…` 检查流程图（.bpmn）、决策表（.dmn）和表单（.json）。\
页面上的流程编辑器和接口用的是同一个检查，发布之前必须通过。

```
fengqiao check processes/ticket            # 一个流程的全部定义，连同 forms/ticket 里的表单
fengqiao check a.bpmn b.bpmn t.dmn         # 一起给出的文件互相看得见
fengqiao check processes forms --json      # 输出一个 JSON 文档
```

每个问题都写明：在哪个元素、第几行、是什么、怎么改。三种轻重：

- **错误**：不能运行，或者会运行错。有错误的文件不能发布。
- **提醒**：能运行，但多半不是本意。请逐条看过再发布。
- **说明**：知道就好，不用改。

表达式写成了 Python、Java 或 JUEL 的样子时，“怎么改”里直接给出 FEEL 写法，照抄即可。

检查在单独的进程里进行：每个文件最多 10 秒、512 MB 内存、1 MB 大小，从不访问网络和其他文件，\
从不执行图里的程序代码。超过上限的文件得到 `too-heavy`，不影响其他文件。

其他产品（Camunda、Flowable、SpiffWorkflow 等）画的图也可以检查：能运行的照样通过；\
它们自己的脚本、表达式、表单和人员设置在这里不起作用，会逐项列出。

以下是全部规则，后面是每条规则的例子。本页由程序从规则的文件（`engine/bpmn/check/rules`）生成。
""",
    """\
# Checking processes

`fengqiao check FILE...` checks diagrams (.bpmn), decision tables (.dmn) and forms (.json), or \
the folders that hold them. The editor and the API use the same check; nothing is published \
that does not pass.

```
fengqiao check processes/ticket            # all of one process, with the forms in forms/ticket
fengqiao check a.bpmn b.bpmn t.dmn         # files given together see each other
fengqiao check processes forms --json      # one JSON document
```

Every finding names the element and the line, says what is wrong and what to do. There are \
three severities:

- **error**: it would not run, or would run wrong. Such a file cannot be published.
- **warning**: it runs, but is probably not meant. Read each before you publish.
- **note**: good to know; nothing to do.

Where an expression is spelled as in Python, Java or JUEL, the remedy gives the FEEL spelling \
to copy.

The check runs in a process of its own: at most 10 seconds, 512 MB of memory and 1 MB of file \
size each; it never touches the network or other files, and never runs code from a diagram. A \
file that exceeds the limits gets `too-heavy`; the others are checked all the same.

Diagrams of other products (Camunda, Flowable, SpiffWorkflow and so on) can be checked too: what \
can run is accepted; their own scripts, expressions, forms and assignments have no effect here \
and are listed.

All rules follow, and after them an example of each. This page is written by the program from \
the files of the rules (`engine/bpmn/check/rules`).
""",
)
_EXAMPLES = Text(
    """\
## 例子

`-` 是错的写法，`+` 是改好以后的写法；没有变的各行不列出。
""",
    """\
## Examples

`-` is what breaks the rule, `+` is what keeps it; lines that stay the same are left out.
""",
)
# Longer ones show nothing that a reader would follow.
_LONGEST = 24
_HEAD = Text("| 规则 | 轻重 | 是什么 | 怎么改 |", "| rule | severity | what it is | what to do |")


def page(lang: str) -> str:
    """Return the page in Markdown, in ``zh_CN`` or ``en``."""
    parts = [_INTRO.to(lang)]
    for group, title in _GROUPS.items():
        rules = [rule for rule in REGISTER.rules.values() if rule.group == group]
        parts.append(f"## {title.to(lang)}\n\n{_table(rules, lang)}\n")
    parts.append(_EXAMPLES.to(lang))
    for rule_id, module in sorted((module.RULE.id, module) for module in modules()):
        lines = _example_lines(module, lang)
        if lines:
            parts.append("\n".join([f"### `{rule_id}`", "", *lines, ""]))
    return "\n".join(parts)


def _example_lines(module: ModuleType, lang: str) -> list[str]:
    """Return a rule's example, or why it has none."""
    if not hasattr(module, "example"):
        return [module.NO_EXAMPLE.to(lang)]
    lines = _changes(module.example())
    return ["```diff", *lines, "```"] if lines else []


def _changes(example: RuleExamples) -> list[str]:
    """Return the lines by which the right example differs from the wrong one, file by file."""
    wrong, right = _lines(example.wrong), _lines(example.right)
    found: list[str] = []
    for name in sorted(wrong.keys() | right.keys()):
        changes = unified_diff(wrong.get(name, []), right.get(name, []), n=0, lineterm="")
        lines = [line for line in changes if not line.startswith(("---", "+++", "@@"))]
        found += [f"@@ {name} @@", *lines] if lines else []
    readable = all(len(line) < 400 for line in found)
    return found if readable and len(found) <= _LONGEST else []


def _lines(files: bytes | Files) -> dict[str, list[str]]:
    given = {"p.bpmn": files} if isinstance(files, bytes) else files
    return {
        name: re.sub(
            r"(?<=>)(?=<)|(?<=, )(?=\{)", "\n", content.decode("utf-8", "backslashreplace")
        ).splitlines()
        for name, content in given.items()
    }


def _table(rules: Iterable[CheckRule], lang: str) -> str:
    ordered = sorted(rules, key=lambda rule: (SEVERITIES.index(rule.severity), rule.id))
    rows = [
        f"| `{rule.id}` | {_SEVERITY[rule.severity].to(lang)} | {_cell(rule.title.to(lang))} "
        f"| {_cell(rule.remedy.to(lang))} |"
        for rule in ordered
    ]
    return "\n".join([_HEAD.to(lang), "|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
