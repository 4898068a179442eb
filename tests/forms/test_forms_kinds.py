"""Each kind of field: what it takes, what it makes of it, what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import times


@pytest.mark.parametrize(
    ("kind", "typed", "clean"),
    [
        ("text", "  道路  积水\n严重 ", "道路 积水 严重"),
        ("text", "１２号楼", "１２号楼"),
        ("text", 42, "42"),
        ("text", "a\u200bb\ufeff", "ab"),
        ("text", "e\u0301", "\u00e9"),
        ("textarea", " 第一行\r\n第二行\r第三行 ", "第一行\n第二行\n第三行"),
        ("number", "１２", 12),
        ("number", "1,234,567", 1234567),
        ("number", "-3.50", -3.5),
        ("number", "＋３．１４", 3.14),
        ("number", ".5", 0.5),
        ("number", 7, 7),
        ("number", 7.0, 7),
        ("number", 0.1, 0.1),
        ("number", "-0", 0),
        ("money", "￥12,345.60元", 12345.6),
        ("money", "１００", 100),
        ("money", "9999999999999.99", 9999999999999.99),
        ("date", "2026-11-22", "2026-11-22"),
        ("date", "2026/1/2", "2026-01-02"),
        ("date", "2026.1.2", "2026-01-02"),
        ("date", "２０２６年１月２日", "2026-01-02"),
        ("date", "20260102", "2026-01-02"),
        ("datetime", "2026-11-22T16:05", "2026-11-22T16:05"),
        ("datetime", "2026年11月22日 16时5分", "2026-11-22T16:05"),
        ("datetime", "2026/11/22 9：05", "2026-11-22T09:05"),
        ("datetime", "2026-11-22T16:05:33.120", "2026-11-22T16:05"),
        ("datetime", "2026-11-22T08:05:00Z", "2026-11-22T16:05"),
        ("datetime", "2026-11-22 08:05+00:00", "2026-11-22T16:05"),
        ("time", "16:05", "16:05"),
        ("time", "9：05", "09:05"),
        ("time", "１６时５分", "16:05"),
        ("time", "9点", "09:00"),
        ("time", "下午4点", "16:00"),
        ("time", "中午12:30", "12:30"),
        ("time", "4:05 PM", "16:05"),
        ("time", "12:00 am", "00:00"),
        ("time", "16:05:33", "16:05"),
        ("duration", "2天3小时", "P2DT3H"),
        ("duration", "90分钟", "PT1H30M"),
        ("duration", "１周", "P7D"),
        ("duration", "2 d 3 h", "P2DT3H"),
        ("duration", "3个小时 5 分", "PT3H5M"),
        ("duration", "P2DT3H", "P2DT3H"),
        ("duration", "0分钟", "PT0S"),
        ("yes_no", "yes", True),
        ("yes_no", "on", True),
        ("yes_no", "否", False),
        ("yes_no", False, False),
        ("choice", "b", "b"),
        ("choices", "b", ["b"]),
        ("choices", ["c", "a", "c", ""], ["c", "a"]),
        ("person", "张　三", "张三"),
        ("person", "艾合买提•买买提", "艾合买提·买买提"),
        ("person", "John  Smith", "John Smith"),
        ("person", "𠅤𠮷", "𠅤𠮷"),
        ("address", " 清泉镇 南湖社区 ", "清泉镇 南湖社区"),
        ("place", "620725100", "620725100"),
        ("place", 620725100, "620725100"),
        ("unit", "６２０７２５", "620725"),
        ("units", ["a1", "b2", "a1"], ["a1", "b2"]),
        ("position", {"lat": 38.78461, "lon": "101.0889"}, (38.78461, 101.0889, None)),
        ("position", "38.78461，101.0889, 15", (38.78461, 101.0889, 15)),
        ("position", {"lat": "-1", "lon": 0, "accuracy": 12.34567}, (-1, 0, 12.3)),
        ("files", ["17", 18, "a9f"], [17, 18, "a9f"]),
        ("rating", "5", 5),
        ("rating", "５", 5),
    ],
)
def test_it_reads_what_people_type(one, kind, typed, clean):
    found = one(kind, typed)
    if kind == "position":
        assert (found["lat"], found["lon"], found["accuracy"]) == clean
    else:
        assert found == clean and type(found) is type(clean)
        assert one(kind, found) == found


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("text", "a" * 201, "at most 200 characters; this has 201"),
        ("text", "a\x00b", "control characters"),
        ("text", "a\x1bb", "control characters"),
        ("text", "a\ud800b", "control characters"),
        ("text", "a\u202eb", "control characters"),
        ("text", True, "should be a text"),
        ("text", ["a"], "should be a text"),
        ("text", {"a": 1}, "should be a text"),
        ("text", 10**50, "should be a text"),
        ("textarea", "a" * 1_000_000, "too long"),
        ("textarea", "字" * 5001, "at most 5000 characters"),
        ("number", "3万", "give a number"),
        ("number", "1,23", "give a number"),
        ("number", "1e5", "give a number"),
        ("number", "NaN", "give a number"),
        ("number", True, "give a number"),
        ("number", "1" * 16, "too large"),
        ("number", 10**100, "too large"),
        ("number", float("inf"), "too large"),
        ("number", "0.1234567", "at most 6 digits after the point"),
        ("number", "123456789012.34567", "at most 15 significant digits"),
        ("money", "0.005", "at most 2 digits after the point"),
        ("date", "2026-02-29", "no such day"),
        ("date", "0026-02-01", "between 1800 and 2200"),
        ("date", "yesterday", "such as 2026-11-22"),
        ("date", 20260101, "such as 2026-11-22"),
        ("datetime", "2026-11-22", "a date and a time"),
        ("datetime", "2026-11-22 24:01", "no such time"),
        ("time", "25:00", "no such time"),
        ("time", "9", "such as 16:05"),
        ("time", 9, "such as 16:05"),
        ("duration", "3", "with its units"),
        ("duration", "3个月", "with its units"),
        ("duration", "P3M", "with its units"),
        ("duration", "-PT1H", "with its units"),
        ("duration", "3小时2天", "with its units"),
        ("duration", "9999999天", "at most ten years"),
        ("duration", 3, "with its units"),
        ("yes_no", "maybe", "yes or no"),
        ("yes_no", 2, "yes or no"),
        ("choice", "z", "one of those listed"),
        ("choice", ["a"], "should be a text"),
        ("choices", ["a", "z"], "one of those listed"),
        ("choices", ["a"] * 1000, "at most 3 can be chosen"),
        ("person", "123", "give a name"),
        ("place", "../etc", "no such code"),
        ("units", [str(n) for n in range(51)], "at most 50"),
        ("position", "somewhere", "not a position"),
        ("position", {"lat": 91, "lon": 0}, "not a position"),
        ("position", {"lat": 1}, "not a position"),
        ("position", {"lat": 1, "lon": 1, "accuracy": -1}, "not a position"),
        ("position", {"lat": True, "lon": 1}, "not a position"),
        ("position", {"lat": float("nan"), "lon": 1}, "not a position"),
        ("files", ["../x"], "no such code"),
        ("files", [{"id": 1}], "should be a text"),
        ("rating", "6", "1 to 5 stars"),
        ("rating", "4.5", "1 to 5 stars"),
    ],
)
def test_it_refuses_with_a_reason_what_it_cannot_read(refused, kind, typed, words):
    assert words in refused(kind, typed)


@pytest.mark.parametrize(
    ("kind", "bounds", "typed", "words"),
    [
        ("number", {"min": 1}, "0", "not less than 1"),
        ("number", {"max": 10}, "10.5", "not more than 10"),
        ("number", {"decimals": 0}, "1.5", "whole number"),
        ("date", {"min": "2026-01-01"}, "2025-12-31", "not before 2026-01-01"),
        ("date", {"max": "today"}, "2026-11-23", "not after 2026-11-22"),
        ("datetime", {"max": "today"}, "2026-11-23 00:00", "not after 2026-11-22"),
        ("time", {"min": "9:00"}, "8:59", "not before 09:00"),
        ("time", {"max": "18:00"}, "18:01", "not after 18:00"),
        ("duration", {"min": "1小时"}, "59分钟", "not less than 1 h"),
        ("duration", {"max": "2天"}, "49小时", "not more than 2 d"),
        ("choices", {"min": 2}, ["a"], "at least 2"),
        ("choices", {"max": 1}, ["a", "b"], "at most 1"),
        ("text", {"max_length": 2}, "三个字", "at most 2"),
    ],
)
def test_it_holds_answers_to_their_bounds(refused, kind, bounds, typed, words):
    assert words in refused(kind, typed, **bounds)


@pytest.mark.parametrize("nothing", ["", "  ", "\u3000", None, [], {}, "\u200b"])
@pytest.mark.parametrize("kind", ["text", "number", "choices", "person", "yes_no", "files"])
def test_it_takes_nothing_for_no_answer(one, refused, kind, nothing):
    assert one(kind, nothing) is None
    assert "label x" in refused(kind, nothing, required=True)


def test_it_takes_no_for_an_answer_where_an_answer_is_required(one):
    assert one("yes_no", "no", required=True) is False
    assert one("number", "0", required=True) == 0


@given(
    st.integers(0, 3650), st.integers(0, 23), st.integers(0, 59), st.sampled_from(["zh_CN", "en"])
)
def test_it_reads_what_it_says_of_a_length_of_time(days, hours, minutes, locale):
    length = timedelta(days=days, hours=hours, minutes=minutes)
    read = times.read_duration(length)

    assert times.length_of(read) == length
    assert times.read_duration(times.duration_words(read, locale)) == read
