"""A difference in words: what a colleague reads before approving it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.bpmn.dependencies import read_files
from engine.definitions import differences, versions
from engine.definitions.differences import conditions, questions
from engine.drafting import starters
from tests.conftest import ROOT

FILES = versions.read_directory(ROOT)
TICKET = "processes/ticket/ticket.bpmn"
Change = Callable[[dict[str, bytes]], None]


def changed(process: str, path: str, old: str, new: str) -> dict[str, bytes]:
    """The shipped files with one replacement that must hit."""
    files = dict(FILES[process])
    text = files[path].decode()
    assert text.count(old) >= 1, f"{old!r} is not in {path}"
    files[path] = text.replace(old, new, 1).encode()
    return files


def said(process: str, new: dict[str, bytes]) -> list[str]:
    return [note.text.zh for note in differences.between(FILES[process], new).notes]


def test_it_finds_none_in_the_same_files() -> None:
    for files in FILES.values():
        assert not differences.between(files, files)


def test_it_says_in_one_line_what_was_only_moved() -> None:
    moved = changed("ticket", TICKET, '<dc:Bounds x="', '<dc:Bounds x="1')
    farther = {**moved, TICKET: moved[TICKET].replace(b'height="80"', b'height="90"')}
    for files in (moved, farther):
        (line,) = said("ticket", files)
        assert "调整了图的排布" in line
        assert differences.between(FILES["ticket"], files).marks == {}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('limit="1" limitUnit="months"', 'limit="2" limitUnit="months"', "总时限"),
        ('role="mediator" level="handling"', 'role="leader" level="handling"', "负责人"),
    ],
)
def test_it_says_limits_and_people_in_words(old: str, new: str, sentence: str) -> None:
    found = said("dispute", changed("dispute", "processes/dispute/dispute.bpmn", old, new))
    assert found and sentence in "".join(found)


def test_it_says_a_task_limit_from_and_to() -> None:
    path = "processes/dispute/dispute.bpmn"
    old = 'form="dispute/accept" limit="1" limitUnit="working_days"'
    new = changed("dispute", path, old, old.replace('"1"', '"2"'))
    difference = differences.between(FILES["dispute"], new)
    assert [note.text.zh for note in difference.notes] == [
        "“受理审查”的办理时限由“1 个工作日”改为“2 个工作日”。"
    ]
    assert difference.marks == {"accept": "changed"}
    assert "working day" in difference.notes[0].text.en


def test_it_says_conditions_and_marks_the_flow() -> None:
    path = "processes/dispute/dispute.bpmn"
    new = changed("dispute", path, 'acceptance = "不予受理"', 'acceptance = "受理"')
    difference = differences.between(FILES["dispute"], new)
    assert difference.marks == {"f_gw_accepted_inform_refusal": "changed"}


def test_it_marks_what_is_added_and_removed() -> None:
    path = "processes/dispute/dispute.bpmn"
    new = changed("dispute", path, '<bpmn:userTask id="seal"', '<bpmn:userTask id="seal_two"')
    marks = differences.between(FILES["dispute"], new).marks
    assert (marks["seal"], marks["seal_two"]) == ("removed", "added")


def test_it_says_rows_of_a_table() -> None:
    files = dict(FILES["escalation"])
    (path,) = files
    rows = files[path].decode().split("<rule ")
    files[path] = "<rule ".join([*rows[:1], *rows[2:]]).encode()
    (sentence,) = said("escalation", files)
    assert "删除原第 1 行" in sentence


def test_it_says_fields_of_a_form() -> None:
    files = dict(FILES["ticket"])
    path = "forms/ticket/accept.json"
    form = json.loads(files[path])
    field = form["groups"][0]["fields"][0]
    field["required"] = not field.get("required", False)
    new = {"name": "extra", "kind": "text", "label": {"zh_CN": "补充", "en": "More"}}
    form["groups"][0]["fields"].append(new)
    files[path] = json.dumps(form, ensure_ascii=False).encode()
    found = said("ticket", files)
    assert any("新增字段“补充”" in one for one in found)
    assert any("必填由" in one for one in found)


def test_it_says_conditions_of_a_form_by_its_own_questions() -> None:
    """As those of branches, with what is run beside the words."""
    path, old = "forms/ticket/handle.json", r"handle_result = \"已处置\""
    files = changed("ticket", path, old, r"handle_result = \"已纳入计划\"")
    (sentence,) = said("ticket", files)
    assert "的必填条件由“处置结果”为“已处置”（" in sentence
    assert 'handle_result = "已处置"' in sentence and 'handle_result = "已纳入计划"' in sentence


def test_it_still_answers_for_a_file_that_cannot_be_read() -> None:
    files = {**FILES["ticket"], TICKET: b"<broken"}
    assert said("ticket", files) == [f"文件 {TICKET} 有改动。"]


def test_it_speaks_english_without_chinese() -> None:
    path = "processes/dispute/dispute.bpmn"
    new = changed(
        "dispute", path, 'form="dispute/accept" limit="1"', 'form="dispute/accept" limit="3"'
    )
    (note,) = differences.between(FILES["dispute"], new).notes
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in note.text.en)


def test_it_tells_a_new_process_in_words_and_its_diagram_once() -> None:
    fresh = starters.blank("flood", "防汛巡查", "Flood patrol")
    notes = differences.between({}, fresh).notes
    texts = [note.text.zh for note in notes]
    assert not [note.text.zh for note in notes if note.where or "group" in note.text.zh]
    assert texts[0].startswith("新增流程“防汛巡查”，编号前缀防汛，总时限")
    assert not [text for text in texts if "flood.bpmn" in text]
    gone = [note.text.zh for note in differences.between(fresh, {}).notes]
    assert "删除流程“防汛巡查”。" in gone and not [text for text in gone if "flood.bpmn" in text]


def test_it_names_a_file_in_which_nothing_is_drawn() -> None:
    """Whoever approves sees every file that comes along."""
    empty = {
        "processes/ticket/more.bpmn": b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    }
    found = said("ticket", {**FILES["ticket"], **empty})
    assert found == ["新增文件 processes/ticket/more.bpmn。"]


def test_it_names_scenarios_by_their_names_and_elements_without_one_by_their_kind() -> None:
    path = "processes/ticket/scenarios/refused.json"
    text = FILES["ticket"][path].decode()
    longer = {**FILES["ticket"], path: text.replace("\n", " \n", 1).encode()}
    (line,) = said("ticket", longer)
    assert line.startswith("用例“不予受理”只是写法不同")
    more = changed(
        "ticket", TICKET, "</bpmn:process>", '<bpmn:endEvent id="Event_0ptx" /></bpmn:process>'
    )
    assert said("ticket", more) == ["新增未命名的结束。"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('setting = "学校周边"', '“场所类型”为“学校周边”（setting = "学校周边"）'),
        ("danger", "“是否有现实危险”为“是”（danger）"),
        ("danger = false", "“是否有现实危险”为“否”（danger = false）"),
        (
            'danger = true and setting != "学校周边"',
            "“是否有现实危险”为“是”，并且“场所类型”不为“学校周边”"
            '（danger = true and setting != "学校周边"）',
        ),
        # More than comparisons of answers: as it is written.
        ("count(rounds) > 3", "count(rounds) > 3"),
        ("acceptance ==", "acceptance =="),
    ],
)
def test_it_says_conditions_by_their_questions(condition: str, words: str) -> None:
    fields = conditions.fields_of(questions.forms_of(FILES["ticket"]))
    assert conditions.in_words(condition, fields).zh == words


def test_it_says_a_changed_condition_by_its_questions() -> None:
    old = 'acceptance = "不予受理"'
    new = changed("ticket", TICKET, old, "danger = true")
    (text,) = said("ticket", new)
    assert "由“受理意见”为“不予受理”（" in text and "改为“是否有现实危险”为“是”（" in text


def test_it_shows_a_new_process_whole_and_in_words() -> None:
    """Who does what by when; every instance of a repeated task; no code."""
    texts = [note.text.zh for note in differences.between({}, FILES["ticket"]).notes]
    (whistle,) = [text for text in texts if text.startswith("新增环节“中心吹哨、部门报到”")]
    assert "，由县级承办人办理；" in whistle
    assert "承办单位：其中的每一个单位" in whistle
    assert "办理次数：“召集的部门”（called_units）中的每一个各办一次，同时办理" in whistle
    assert "办理时限：1 个工作日；签收时限：4 个工作小时" in whistle
    assert "表单：“部门报到”（ticket/whistle）" in whistle
    assert not any("kind parallel" in text or "items " in text for text in texts)
    for key, files in FILES.items():
        notes = differences.between({}, files).notes
        named = {note.element for note in notes}
        for source in read_files({p: d for p, d in files.items() if p.endswith(("bpmn", "dmn"))})[
            0
        ]:
            assert {*source.nodes, *source.flows} <= named, key


def test_it_shows_a_new_table_row_by_row() -> None:
    texts = [note.text.zh for note in differences.between({}, FILES["escalation"]).notes]
    assert texts[0].startswith("新增决策表“超期升级”，收集：所有符合的行都生效")
    rows = [text for text in texts if "新增第" in text]
    assert len(rows) == FILES["escalation"]["processes/escalation.dmn"].count(b"<rule ")
    assert any("时钟 “签收”（sign）" in row and "做什么 “通知”（notify）" in row for row in rows)


def test_it_shows_a_new_form_question_by_question() -> None:
    path = "forms/ticket/dispatch.json"
    without = {p: data for p, data in FILES["ticket"].items() if p != path}
    texts = [note.text.zh for note in differences.between(without, FILES["ticket"]).notes]
    assert any(
        "新增字段“召集的部门”（几个单位）" in text and "填写说明：" in text for text in texts
    )
    assert any(
        "新增规则：" in text and "提示“中心吹哨至少召集两个部门。”" in text for text in texts
    )


DAYS = 'limit="1" limitUnit="{}" signLimit'
TRIAGE, ACCEPT = "processes/ticket/triage.dmn", "forms/ticket/accept.json"
DISPATCH = "forms/ticket/dispatch.json"
CHANGES = [
    (TICKET, "f_gw_settled_open_record", "f_gw_settled_end_settled", "的默认分支由"),
    (TICKET, 'cancelActivity="false"', 'cancelActivity="true"', "打断所在的环节由“否”"),
    (TICKET, 'caseType="ticket"', 'caseType="other"', "的事项类型由“ticket”改为“other”"),
    (TICKET, DAYS.format("working_days"), DAYS.format("days"), "时限由“1 个工作日”改为“1 天”"),
    (TRIAGE, 'label="主办部门"', 'label="承办部门"', "的名称由“主办部门”改为“承办部门”"),
    (TRIAGE, 'typeRef="string" />', 'typeRef="number" />', "的类型由“文字（string）”改为"),
    (DISPATCH, '"中心吹哨至少召集两个部门。"', '"至少两个。"', "”改为“至少两个。”"),
    (ACCEPT, '"max_length": 1000', '"max_length": 10', "最多字数由“1000”改为“10”"),
    (ACCEPT, '"value": "电话核实"', '"value": "电话"', "电话核实（电话）"),
    (ACCEPT, '"report.summary"', '"report.category"', "显示的前面答案由"),
]


@pytest.mark.parametrize(("path", "old", "new", "sentence"), CHANGES)
def test_it_has_a_sentence_for_what_decides(path: str, old: str, new: str, sentence: str) -> None:
    found = said("ticket", changed("ticket", path, old, new))
    assert any(sentence in one for one in found), found


def test_it_says_which_language_has_changed() -> None:
    old = '{"zh_CN": "电话核实", "en": '
    path, text = "forms/ticket/accept.json", FILES["ticket"]["forms/ticket/accept.json"].decode()
    english = text.split(old)[1].split("}")[0]
    (note,) = differences.between(
        FILES["ticket"], changed("ticket", path, f"{old}{english}", f'{old}"By wire"')
    ).notes
    assert "的选项的英文由" in note.text.zh and "By wire" in note.text.zh
    assert "By wire" in note.text.en


def test_it_shows_what_has_no_sentence_before_and_after() -> None:
    new = changed("ticket", TICKET, 'targetNamespace="', 'targetNamespace="urn:other:')
    (note,) = differences.between(FILES["ticket"], new).notes
    assert note.where is not None and "targetNamespace" in note.where.zh
    assert note.after == f"urn:other:{note.before}"
