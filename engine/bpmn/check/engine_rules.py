"""Rules that the engine itself holds when it reads a diagram; here is what helps with each."""

from __future__ import annotations

from engine.bpmn.check.findings import REGISTER, CheckRule, RuleGroup
from feel.text import Text

_ids = REGISTER.group("identifiers")
_flow = REGISTER.group("flow")
_elements = REGISTER.group("elements")
_events = REGISTER.group("events")
_people = REGISTER.group("assignment")
_expressions = REGISTER.group("expressions")
_calls = REGISTER.group("calls")
_tables = REGISTER.group("decisions")


def _error(group: RuleGroup, id: str, title: tuple[str, str], remedy: tuple[str, str]) -> CheckRule:
    return group.error(id, Text(*title), Text(*remedy))


_error(
    _ids,
    "missing-id",
    ("元素没有编号（id）", "An element has no id"),
    (
        "在设计器里重新画这个元素，设计器会自动编号。",
        "Draw the element again; the modeler gives it an id.",
    ),
)
_error(
    _ids,
    "bad-id",
    ("编号过长或含有不允许的字符", "An id is too long or has forbidden characters"),
    (
        "用字母、汉字、数字和下划线，不超过 64 个字。",
        "Use letters, digits and underscores, at most 64 characters.",
    ),
)
_error(
    _ids,
    "duplicate-id",
    ("编号重复", "An id is used twice"),
    ("给其中一个元素改用别的编号。", "Give one of the two elements another id."),
)
_error(
    _flow,
    "dangling-flow",
    ("连线的一端不存在", "A flow has an end that does not exist"),
    (
        "删除这条连线，重新从一个环节连到另一个环节；连线不能跨出子流程。",
        "Delete the flow and draw it again between two elements; a flow cannot cross the border "
        "of a subprocess.",
    ),
)
_error(
    _flow,
    "missing-start",
    ("没有开始事件", "No start event"),
    ("放一个开始事件，连到第一个环节。", "Add a start event and connect it to the first element."),
)
_error(
    _flow,
    "many-starts",
    ("不止一个普通开始事件", "More than one plain start event"),
    (
        "只留一个普通开始事件；其他入口用消息开始事件。",
        "Keep one plain start event; make the others message start events.",
    ),
)
_error(
    _flow,
    "event-subprocess-start",
    ("事件子流程的开始事件不对", "An event subprocess starts in the wrong way"),
    (
        "事件子流程里放恰好一个开始事件，并给它选消息、定时、信号、升级或错误。",
        "Give it exactly one start event with a message, timer, signal, escalation or error.",
    ),
)
_error(
    _elements,
    "unsupported-element",
    ("引擎不支持的元素", "An element that the engine does not run"),
    (
        "复杂网关改用排他或包容网关；事务和即席子流程改用普通子流程；其他类型改用环节。",
        "Replace a complex gateway by an exclusive or inclusive one, a transaction or ad-hoc "
        "subprocess by a plain one, and anything else by a task.",
    ),
)
UNSUPPORTED_EVENT = _error(
    _elements,
    "unsupported-event",
    ("引擎不支持的事件", "An event that the engine does not run"),
    (
        "链接事件改成连线；补偿、取消改成画出来的环节；条件事件改成网关加定时或消息。",
        "Replace link events by a flow, compensation and cancel by drawn steps, and conditional "
        "events by a gateway with a timer or message.",
    ),
)
_error(
    _events,
    "multiple-events",
    ("一个事件有多个定义", "One event with several definitions"),
    (
        "拆成几个事件，每个只等一件事。",
        "Split it into several events that wait for one thing each.",
    ),
)
_error(
    _events,
    "empty-event",
    ("边界事件什么也不等", "A boundary event that waits for nothing"),
    (
        "给它选定时、消息、升级、错误或信号。",
        "Choose timer, message, escalation, error or signal for it.",
    ),
)
_error(
    _events,
    "missing-host",
    ("边界事件没有依附的环节", "A boundary event on a missing activity"),
    ("把事件拖到一个存在的环节的边上。", "Drag the event onto the border of an existing activity."),
)
_error(
    _events,
    "missing-reference",
    (
        "引用的消息、信号、错误或升级不存在",
        "A message, signal, error or escalation that is missing",
    ),
    (
        "在属性面板里重新选择，或新建一个。",
        "Choose it again in the properties panel, or create it.",
    ),
)
_error(
    _events,
    "event-gateway",
    ("事件网关后面不是等待事件", "An event-based gateway not followed by waiting"),
    (
        "事件网关后面只能接定时、消息、信号的等待事件或接收任务；其他情况用排他网关。",
        "Only timer, message and signal catch events or receive tasks may follow; otherwise use "
        "an exclusive gateway.",
    ),
)
BAD_TIMER = _error(
    _events,
    "bad-timer",
    ("时间写法无法识别或不可能", "A time that cannot be read or cannot be"),
    (
        "时长写 P5D（5天）、PT4H（4小时）、working days(3)（3个工作日）；时点写 2026-12-01T09:00；"
        "循环写 R3/P1D（每天一次共3次）。时长要大于零，循环次数至少为 1。",
        "Write a duration as P5D, PT4H or working days(3), a moment as 2026-12-01T09:00, a cycle "
        "as R3/P1D. A duration must be above zero and a cycle needs at least one round.",
    ),
)
UNKNOWN_ROLE = _error(
    _people,
    "unknown-role",
    ("角色不存在", "An unknown role"),
    ("在属性面板里从列表选择角色。", "Choose the role from the list in the properties panel."),
)
_error(
    _people,
    "unknown-level",
    ("级别不存在", "An unknown level"),
    (
        "选择省、市、县、乡镇、村、网格之一，或“当前处理级别（handling）”。",
        "Choose province, city, county, township, village or grid, or “handling”.",
    ),
)
_error(
    _people,
    "unknown-limit-unit",
    ("时限单位不存在", "An unknown unit of time"),
    (
        "选择小时、工作小时、工作日、天、月或年。",
        "Choose hours, working hours, working days, days, months or years.",
    ),
)
_error(
    _people,
    "bad-number",
    ("应填正整数", "A whole number above zero is needed"),
    ("填 1 到 999999 的整数，用半角数字。", "Enter a whole number from 1 to 999999."),
)
UNKNOWN_OPENS = _error(
    _people,
    "unknown-opens",
    ("“开案环节”不存在或不是人工环节", "The opening task is missing or no task"),
    (
        "在流程属性里把“开案环节”改成开始事件后面的人工环节的编号，或留空。",
        "In the process's properties name the user task after the start event, or leave it empty.",
    ),
)
UNKNOWN_RETURN = _error(
    _people,
    "unknown-return",
    ("退回目标不存在或不是人工环节", "A return target is missing or no task"),
    (
        "“可退回到”只能填人工环节的编号，用空格分开。",
        "“Can be returned to” takes the ids of user tasks, separated by spaces.",
    ),
)
_error(
    _elements,
    "missing-action",
    ("服务任务没有指定动作", "A service task without an action"),
    (
        "在属性面板里选择动作（如 hand_up 上报）；由人来做的改成用户任务。"
        "其他产品的程序类、脚本不会执行。",
        "Choose an action in the properties panel (such as hand_up), or make it a user task. "
        "Classes and scripts of other products never run here.",
    ),
)
_error(
    _elements,
    "unknown-action",
    ("动作不存在", "An unknown action"),
    ("在属性面板里从列表选择动作。", "Choose the action from the list in the properties panel."),
)
_error(
    _elements,
    "action-arguments",
    ("动作的参数不对", "Wrong arguments of an action"),
    (
        "按属性面板所列补上缺少的参数，删去多余的。",
        "Add the missing arguments that the properties panel lists, and remove the others.",
    ),
)
_error(
    _elements,
    "empty-loop",
    ("循环没有集合、次数或条件", "A loop without bounds"),
    (
        "多实例填集合或个数；循环填条件或最多次数。不需要重复的，去掉循环标记。",
        "Give a collection or a number, a loop condition or a maximum; or remove the marker.",
    ),
)
MISSING_PROCESS = _error(
    _calls,
    "missing-process",
    ("调用的流程不存在", "A called process is missing"),
    (
        "把被调用的流程文件一起检查、一起发布，或改正“被调用流程”的编号。",
        "Check and publish the called process's file together with this one, or correct the id.",
    ),
)
RECURSIVE_CALL = _error(
    _calls,
    "recursive-call",
    ("流程互相调用，没有尽头", "Processes that call each other without end"),
    (
        "去掉其中一个调用；需要重来的，用连线回到前面的环节。",
        "Remove one of the calls; to repeat work, draw a flow back to an earlier element.",
    ),
)
_error(
    _tables,
    "missing-decision",
    ("没有指定决策表或决策不存在", "No decision, or an unknown one"),
    (
        "在属性面板里选择决策，并把 .dmn 文件一起检查、一起发布。",
        "Choose a decision in the properties panel, and check and publish its .dmn file together "
        "with the diagram.",
    ),
)
BAD_DECISION = _error(
    _tables,
    "bad-decision",
    ("决策表有错", "A decision table is wrong"),
    (
        "按提示在决策表编辑器里修改所指的单元格。",
        "Change the cell named in the decision table editor.",
    ),
)
BAD_EXPRESSION = _error(
    _expressions,
    "bad-expression",
    ("表达式写法有误", "An expression is wrong"),
    (
        '按提示用 FEEL 改写，例如 amount > 5000 and category = "土地"。',
        'Rewrite it in FEEL, such as amount > 5000 and category = "land".',
    ),
)
