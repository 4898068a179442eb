"""A decision that cannot be used: it alone is left out, and it is named."""

import pytest

from feel import DmnFault, load_dmn
from feel.decide import decide
from tests.feel.tables import column, decision, model, result, table, text

LITERAL = "literalExpression"
GOOD = decision(text(LITERAL, "1 + 1"), "好")


def needs(*ids, kind="Decision"):
    links = "".join(f'<required{kind} href="#{id_}"/>' for id_ in ids)
    return f"<informationRequirement>{links}</informationRequirement>"


BAD = {
    "arguments": decision(text(LITERAL, "abs()"), "坏"),
    "syntax": decision(text(LITERAL, "1 +"), "坏"),
    "cell": decision(table([column("a", "string")], [result()], [(("== 1",), ("1",))]), "坏"),
    "output": decision(table([column("a", "string")], [result()], [(("-",), ("1 +",))]), "坏"),
    "short row": decision(table([column("a", "string")], [result()], [((), ("1",))]), "坏"),
    "empty": decision("", "坏"),
    "language": decision(text(LITERAL, "x", expressionLanguage="juel"), "坏"),
    "requirement": decision(text(LITERAL, "1"), "坏", needs("gone")),
    "itself": decision(text(LITERAL, "坏"), "坏", needs("坏")),
    "twice": decision(text(LITERAL, "1"), "坏") + decision(text(LITERAL, "2"), "坏"),
    "too deep": decision("<context><contextEntry>" * 31 + "</contextEntry></context>" * 31, "坏"),
}


@pytest.mark.parametrize("what", BAD)
def test_it_spoils_only_itself_and_is_named(what):
    for file in (model(BAD[what], GOOD), model(GOOD, BAD[what])):
        found = load_dmn(file)

        assert found.decision("好").decide({}).result == 2
        assert list(found.broken_decisions) == ["坏"]
        with pytest.raises(DmnFault, match="“坏”") as caught:
            found.decision("坏")
        assert caught.value.element
        assert decide(file, "好", {})["result"] == 2


def test_what_requires_it_cannot_be_used_either_and_says_so():
    chain = decision(text(LITERAL, "坏 + 1"), "a", needs("坏"))
    longer = decision(text(LITERAL, "a + 1"), "b", needs("a"))
    found = load_dmn(model(longer, chain, BAD["syntax"], GOOD))

    assert list(found.by_id) == ["好"]
    assert found.broken_decisions.keys() == {"坏", "a", "b"}
    with pytest.raises(DmnFault, match="“b”.*“a”"):
        found.decision("b")


def test_an_input_or_a_function_that_cannot_be_read_spoils_what_uses_it():
    item = '<itemDefinition name="t"><typeRef>string</typeRef>' + text("allowedValues", '"a" "b"')
    data = '<inputData id="i" name="i"><variable name="i" typeRef="t"/></inputData>'
    other = '<inputData id="j" name="j"><variable name="j" typeRef="t"/></inputData>'
    knowledge = (
        '<businessKnowledgeModel id="k" name="k"><encapsulatedLogic>'
        f"{text(LITERAL, '1 +')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    called = '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
    found = load_dmn(
        model(
            item + "</itemDefinition>",
            data,
            other,
            knowledge,
            decision(text(LITERAL, "i"), "by input", needs("i", kind="Input")),
            decision(text(LITERAL, "j"), "by the other", needs("j", kind="Input")),
            decision(text(LITERAL, "k()"), "by function", called),
            GOOD,
        )
    )

    assert found.decision("好").decide({}).result == 2
    assert found.broken_decisions.keys() == {"by input", "by the other", "by function"}


def test_every_decision_of_a_circle_is_named_and_no_other():
    one = decision(text(LITERAL, "b"), "a", needs("b"))
    two = decision(text(LITERAL, "a"), "b", needs("a"))
    after = decision(text(LITERAL, "a + 1"), "c", needs("a", "好"))
    found = load_dmn(model(after, one, two, GOOD))

    assert list(found.by_id) == ["好"]
    for name in "ab":
        with pytest.raises(DmnFault, match="圈"):
            found.decision(name)
    with pytest.raises(DmnFault, match="“a”不能使用"):
        found.decision("c")
