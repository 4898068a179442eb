"""Files from strangers: what is XML we may read, and what is refused and why."""

from __future__ import annotations

import pytest

from engine.bpmn import XmlRefused
from engine.bpmn.parsing import xml

BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>'
)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "xml-empty"),
        (b" \n\t", "xml-empty"),
        (b"<a>" + b" " * xml.MAX_BYTES + b"</a>", "xml-too-large"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "xml-not-xml"),
        (b"<!DOCTYPE html><html></html>", "xml-not-xml"),
        (b"<html><body></body></html>", "xml-not-xml"),
        (b"hello", "xml-not-xml"),
        (b'{"a": 1}', "xml-not-xml"),
        (b"\x00\x00\x00", "xml-not-xml"),
        (b"<a><b></a>", "xml-broken"),
        (b"<a><b>", "xml-broken"),
        ("<a b='纠纷'/>".encode("gbk"), "xml-broken"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "xml-broken"),
        (b"<a>" * 5_000 + b"</a>" * 5_000, "xml-too-deep"),
        (b"<!DOCTYPE a><a/>", "xml-doctype"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml-doctype"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml-doctype"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "xml-doctype"),
        (BOMB, "xml-doctype"),
    ],
)
def test_it_refuses_what_it_may_not_read_and_says_why(data, rule):
    with pytest.raises(XmlRefused) as caught:
        xml.load(data)

    assert caught.value.rule == rule
    assert caught.value.text.zh and caught.value.text.en


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "GBK", "GB18030"])
def test_it_reads_chinese_in_any_declared_encoding(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><流程 名称="纠纷"/>'

    assert xml.load(text.encode(encoding)).get("名称") == "纠纷"


def test_it_does_not_follow_inclusions(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    text = (
        '<a xmlns:xi="http://www.w3.org/2001/XInclude">'
        f'<xi:include href="{secret.as_uri()}" parse="text"/></a>'
    )
    root = xml.load(text.encode())

    assert "".join(root.itertext()) == ""


def test_it_names_the_line_of_an_error():
    with pytest.raises(XmlRefused) as caught:
        xml.load(b"<a>\n\n<b></c></a>")

    assert caught.value.line == 3
