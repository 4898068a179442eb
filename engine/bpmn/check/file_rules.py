"""What can be wrong with a file as such: not readable, not safe, not a diagram, too heavy."""

from __future__ import annotations

from engine.bpmn.check.findings import REGISTER
from feel.text import Text

_GROUP = REGISTER.group("files")

EMPTY = _GROUP.error(
    "xml-empty",
    Text("文件是空的", "The file is empty"),
    Text(
        "重新从流程设计器导出，再上传。", "Export it again from the modeler and choose that file."
    ),
)
TOO_LARGE = _GROUP.error(
    "xml-too-large",
    Text("文件太大", "The file is too large"),
    Text(
        "一个流程文件一般不到 200 KB。请删去内嵌的图片，或把大流程拆成几个互相调用的流程。",
        "A process file rarely exceeds 200 KB. Remove embedded pictures, or split the process "
        "into several that call each other.",
    ),
)
NOT_XML = _GROUP.error(
    "xml-not-xml",
    Text("不是 XML 文件", "Not an XML file"),
    Text(
        "请选择流程设计器导出的 .bpmn 或 .dmn 文件，而不是网页、图片或文档。",
        "Choose a .bpmn or .dmn file exported by a modeler, not a web page, picture or document.",
    ),
)
BROKEN = _GROUP.error(
    "xml-broken",
    Text("XML 不完整或被改坏", "The XML is cut off or damaged"),
    Text(
        "重新从流程设计器导出完整的文件；用文本编辑器改过的，检查所指行附近的标签。",
        "Export the whole file again; if it was edited by hand, look at the tags near that line.",
    ),
)
ENCODING = _GROUP.error(
    "xml-encoding",
    Text("文字编码与声明不符", "The text is not in the encoding it claims"),
    Text(
        '另存为 UTF-8 编码；或在第一行的 XML 声明里写明实际编码，例如 encoding="GBK"。',
        "Save it as UTF-8, or name the real encoding in the XML declaration of the first line, "
        'such as encoding="GBK".',
    ),
)
TOO_DEEP = _GROUP.error(
    "xml-too-deep",
    Text("元素嵌套过深", "Elements are nested too deeply"),
    Text("把层层嵌套的子流程改成调用活动。", "Turn nested subprocesses into call activities."),
)
DOCTYPE = _GROUP.error(
    "xml-doctype",
    Text("含有 DOCTYPE 或实体声明", "A DOCTYPE or entities"),
    Text(
        "删除 <!DOCTYPE ...> 一段；流程文件从不需要它。",
        "Remove the <!DOCTYPE ...> part; a process file never needs one.",
    ),
)
INCLUDE = _GROUP.error(
    "xml-include",
    Text("要求包含别的文件（XInclude）", "Asks for another file to be included (XInclude)"),
    Text(
        "删除该元素，把需要的内容直接画在图里；这里从不读取别的文件。",
        "Remove the element and draw its content here; no other file is ever read.",
    ),
)
NOT_BPMN = _GROUP.error(
    "not-bpmn",
    Text("不是 BPMN 2.0 或 DMN 文件", "Neither a BPMN 2.0 nor a DMN file"),
    Text(
        "从流程设计器导出“BPMN 2.0”或“DMN 1.1–1.5”格式。",
        "Export it from the modeler as “BPMN 2.0” or as “DMN 1.1 to 1.5”.",
    ),
)
BAD_FORM = _GROUP.error(
    "bad-form",
    Text("表单定义有错", "A form definition is wrong"),
    Text("按提示修改该表单文件。", "Change the form file as the message says."),
)
NO_PROCESS = _GROUP.error(
    "no-process",
    Text("文件里没有流程", "The file holds no process"),
    Text(
        "在设计器里画出流程（至少一个开始事件和一个任务）再导出；只有泳池没有内容的图不能运行。",
        "Draw a process (at least a start event and a task) and export again; a pool without "
        "content cannot run.",
    ),
)
NO_DECISION = _GROUP.warning(
    "no-decision",
    Text("文件里没有决策", "The file holds no decision"),
    Text(
        "在决策表编辑器里加一张表再导出。", "Add a table in the decision editor and export again."
    ),
)
NOT_EXECUTABLE = _GROUP.error(
    "not-executable",
    Text("流程标记为“不可执行”", "The process is marked as not executable"),
    Text(
        "若要运行它，在设计器的流程属性里勾选“可执行（Executable）”。",
        "If it is to run, tick “Executable” in the properties of the process.",
    ),
)
DUPLICATE_PROCESS = _GROUP.error(
    "duplicate-process",
    Text("两个文件里有同名流程", "Two files hold a process with the same id"),
    Text(
        "给其中一个流程改用别的编号，或者只交其中一个文件。",
        "Give one of them another id, or leave one file out.",
    ),
)
NO_PICTURE = _GROUP.info(
    "no-picture",
    Text("没有图形信息", "No picture"),
    Text(
        "能运行，但页面上看不到图。请在设计器里打开并排好版再保存。",
        "It runs, but pages cannot show it. Open it in the modeler, lay it out and save.",
    ),
)
FOREIGN = _GROUP.info(
    "foreign-settings",
    Text("含有其他产品的设置", "Settings of another product"),
    Text(
        "请在属性面板里重新指定表单、角色、级别、动作和决策表。",
        "Set form, role, level, action and decision in the properties panel.",
    ),
)
TOO_HEAVY = _GROUP.error(
    "too-heavy",
    Text("检查它用的时间或内存超过上限", "Checking it takes too much time or memory"),
    Text(
        "把图拆小：大流程拆成几个互相调用的流程，大决策表拆成几张表。",
        "Make it smaller: split the process into several that call each other, and large "
        "tables into several.",
    ),
)
MORE = _GROUP.info(
    "more-findings",
    Text("问题太多，只列出一部分", "Too many findings; only some are listed"),
    Text("先改正列出的问题，再检查一次。", "Mend what is listed, then check again."),
)
FAILED = _GROUP.error(
    "engine-refused",
    Text("引擎无法装入或启动该流程", "The engine cannot load or start the process"),
    Text(
        "检查所指元素；仍不明白的，把文件交给系统管理员。",
        "Look at the element named; if that does not help, give the file to an administrator.",
    ),
)
