"""Reachability and gateways: each rule once broken and once kept."""

from __future__ import annotations

import pytest

from tests.engine.bpmn.check.drawing import (
    END,
    START,
    brief,
    diagram,
    extended,
    flow,
    line,
    look,
    node,
    only,
    simple,
    task,
    timer,
)  # fmt: skip


def test_two_ways_out_of_a_task_are_told_to_be_taken_both():
    two = task("other") + line("first", "other") + line("other", "end")
    found = only(look(simple(two, keys=())), "both-ways-taken")

    assert (found.severity, found.element) == ("warning", "first")
    assert "other" in found.message.zh and "网关" in found.remedy.zh


def test_it_accepts_a_plain_diagram_without_a_word():
    assert brief(look(simple())) == []


def test_it_names_a_start_that_leads_nowhere_and_not_what_follows_from_it():
    found = look(diagram(START + task("first") + END + line("first", "end")))

    assert only(found, "start-goes-nowhere").element == "start"
    assert only(found, "start-goes-nowhere").severity == "error"


def test_it_names_the_head_of_an_island_once():
    island = task("a") + task("b") + line("a", "b", "end")

    found = look(simple(island))

    assert brief(found) == [("unreachable", "a")]
    assert "1" in only(found, "unreachable").message.en


def test_it_names_one_node_of_an_island_that_is_a_circle():
    assert len(brief(look(simple(task("a") + task("b") + line("a", "b", "a"))))) == 1


def test_it_counts_what_hangs_on_a_reached_boundary_event_as_reached():
    reminder = node("boundaryEvent", "remind", timer("P1D"), attachedToRef="first")

    assert brief(look(simple(reminder + task("chase") + line("remind", "chase", "end")))) == []


def test_it_warns_of_a_task_after_which_nothing_follows():
    found = look(diagram(START + task("first") + line("start", "first")))

    assert brief(found) == [("dead-end", "first")]
    assert only(found, "dead-end").severity == "warning"


def test_it_says_nothing_of_dead_ends_and_islands_where_a_flow_is_broken():
    found = look(diagram(START + task("first") + END + line("start", "first", "gone")))

    assert ("dangling-flow", "first") in brief(found)
    assert "dead-end" not in [finding.rule for finding in found]


def test_it_warns_where_no_path_ever_ends():
    found = look(diagram(START + task("a") + task("b") + line("start", "a", "b", "a")))

    assert brief(found) == [("never-ends", "a")]


def test_it_allows_an_endless_branch_beside_one_that_terminates_everything():
    body = START + task("first") + node("parallelGateway", "fork") + task("watch") + task("work")
    stop = node("endEvent", "stop", "<terminateEventDefinition/>")
    flows = line("start", "first", "fork", "watch", "watch") + line("fork", "work", "stop")

    assert brief(look(diagram(body + stop + flows))) == []


AGAIN = (
    START + task("first") + node("scriptTask", "count", "<script>n = 1</script>") + END
    + node("exclusiveGateway", "more", default="more-end")
    + line("start", "first", "count", "more") + flow("more", "count", "n < 9")
    + flow("more", "end")
)  # fmt: skip


def test_it_warns_of_a_loop_without_people():
    found = look(diagram(AGAIN))

    assert brief(found) == [("automatic-loop", "count")]


def test_it_refuses_a_loop_without_people_that_nothing_leads_out_of():
    body = START + task("first") + node("scriptTask", "count", "<script>n = 1</script>")
    body += node("exclusiveGateway", "on")

    finding = only(look(diagram(body + line("start", "first", "count", "on", "count"))),
                   "automatic-loop")  # fmt: skip

    assert (finding.element, finding.severity) == ("count", "error")


def test_it_blames_an_element_of_an_unknown_kind_and_not_its_flows():
    found = look(simple(node("quantumTask", "x"), keys=("x",)))

    assert brief(found) == [("unsupported-element", "x")]
    assert "quantumTask" in only(found, "unsupported-element").message.en


def test_it_allows_the_same_loop_around_a_person():
    body = AGAIN.replace('sourceRef="more" targetRef="count"', 'sourceRef="more" targetRef="first"')

    assert brief(look(diagram(body))) == []


def test_it_allows_a_loop_that_hands_up_because_the_levels_end():
    act = node("serviceTask", "up", extended('<gov:action name="hand_up"/>'))
    gate = node("exclusiveGateway", "again", default="again-end")
    body = START + task("first") + act + gate + END
    flows = line("start", "first", "up", "again") + flow("again", "up", 'case.level = "village"')

    assert brief(look(diagram(body + flows + flow("again", "end")))) == []


def test_it_warns_of_flows_into_a_start_and_out_of_an_end():
    found = look(simple(flow("first", "start", key="back") + flow("end", "first", key="out")))

    assert ("misplaced-flow", "start") in brief(found)
    assert ("misplaced-flow", "end") in brief(found)


def gateway(
    *flows: str, kind: str = "exclusiveGateway", default: str = "", script: str = ""
) -> bytes:
    own = {"default": default} if default else {}
    set_ = script or "amount = 1\nok = true"
    return diagram(
        START + task("first") + node("scriptTask", "set", f"<script>{set_}</script>")
        + node(kind, "g", **own) + task("a") + task("b") + END
        + line("start", "first", "set", "g") + "".join(flows) + line("a", "end") + line("b", "end")
    )  # fmt: skip


def test_it_gives_an_example_for_which_no_branch_applies():
    found = look(gateway(flow("g", "a", "amount > 5"), flow("g", "b", "amount < 5")))

    finding = only(found, "no-default-branch")
    assert (finding.element, finding.severity) == ("g", "warning")
    assert "amount = 5" in finding.message.zh


@pytest.mark.parametrize(
    ("one", "two"),
    [("amount > 5", "amount <= 5"), ("ok", "not(ok)"), ("ok = true", "ok = false"),
     ("amount in [1..5]", "amount < 1 or amount > 5")],
)  # fmt: skip
def test_it_needs_no_default_where_the_conditions_cover_everything(one, two):
    assert brief(look(gateway(flow("g", "a", one), flow("g", "b", two)))) == []


def test_it_wants_a_default_where_it_cannot_tell():
    found = look(gateway(flow("g", "a", "count([amount]) > 1"), flow("g", "b", "amount > 2")))

    assert brief(found) == [("no-default-branch", "g")]


def test_it_is_content_with_a_default():
    first, second = flow("g", "a", "amount > 5"), flow("g", "b")

    assert brief(look(gateway(first, second, default="g-b"))) == []


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_it_refuses_branches_without_conditions_once(kind):
    found = look(gateway(flow("g", "a"), flow("g", "b"), kind=kind))

    assert brief(found) == [("missing-condition", "g")]
    assert only(found, "missing-condition").severity == "error"


def test_it_proposes_to_make_the_one_free_branch_the_default():
    found = look(gateway(flow("g", "a", "amount > 5"), flow("g", "b")))

    assert brief(found) == [("missing-condition", "g")]
    assert "branch to “b”" in only(found, "missing-condition").remedy.en


def test_it_refuses_a_default_that_leaves_from_elsewhere():
    found = look(gateway(flow("g", "a", "ok"), flow("g", "b", "not(ok)"), default="a-end"))

    assert brief(found) == [("unknown-default", "g")]


def test_it_warns_of_conditions_that_nobody_reads():
    parallel = gateway(flow("g", "a", "ok"), flow("g", "b"), kind="parallelGateway")
    default = gateway(flow("g", "a", "ok"), flow("g", "b", "ok"), default="g-b")

    assert brief(look(parallel)) == [("condition-ignored", "g")]
    assert brief(look(default)) == [("default-with-condition", "g")]


def test_it_warns_of_a_parallel_join_after_a_choice():
    body = (
        START + task("first") + node("exclusiveGateway", "g", default="g-b") + task("a") + task("b")
        + node("parallelGateway", "j") + END + line("start", "first", "g")
        + flow("g", "a", "case.level = \"village\"") + flow("g", "b")
        + line("a", "j") + line("b", "j", "end")
    )  # fmt: skip

    assert brief(look(diagram(body))) == [("join-waits-for-ever", "j")]
    assert brief(look(diagram(body.replace("parallelGateway", "exclusiveGateway")))) == []


def test_it_warns_of_parallel_branches_that_are_not_joined():
    body = START + task("first") + node("parallelGateway", "fork") + task("a") + task("b")
    body += node("exclusiveGateway", "merge") + task("sum") + END
    flows = line("start", "first", "fork", "a", "merge", "sum", "end") + line("fork", "b", "merge")

    assert brief(look(diagram(body + flows))) == [("branches-not-joined", "merge")]
    joined = body.replace('exclusiveGateway id="merge"', 'parallelGateway id="merge"')
    joined = joined.replace("</exclusiveGateway>", "</parallelGateway>")
    assert brief(look(diagram(joined + flows))) == []


def test_it_names_a_branch_without_a_name_by_where_it_leads():
    """People draw flows without naming them; an id says nothing to anybody."""
    visit = task("visit").replace('name="visit"', 'name="现场核查"')
    flows = (
        flow("start", "which", key="Flow_1abc")
        + flow("which", "visit", key="Flow_0qe3")
        + flow("which", "end", "amount > 1", key="Flow_9xyz")
        + flow("visit", "end", key="Flow_2def")
    )
    found = look(diagram(START + node("exclusiveGateway", "which") + visit + END + flows))

    finding = only(found, "missing-condition")
    assert (
        "到“现场核查”的分支" in finding.message.zh and "branch to “现场核查”" in finding.message.en
    )
    said = [finding.message, finding.remedy, *(fix.label for fix in finding.fixes)]
    assert not [text for text in said if "Flow_" in text.zh + text.en]
