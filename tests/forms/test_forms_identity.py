"""Resident identity numbers and telephone numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import phone, resident_id
from forms.findings import WrongAnswer

GOOD = "11010519491231002X"  # the example of GB 11643


def made(first17: str) -> str:
    return first17 + resident_id.check_character(first17)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.lower(),
        "110105 19491231 002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        made("81000019900101123"),
        made("82000019900101123"),
        made("83000019900101123"),
        made("71000019900101123"),
        made("62072520000229123"),
        made("91115619900101123"),
    ],
)
def test_it_accepts_real_identity_numbers_however_they_are_typed(text):
    assert resident_id.valid(text)
    assert len(resident_id.parse(text)) == 18


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD[:-1] + "1", "does not fit the rest"),
        ("110105491231002", "15-digit"),
        ("11010519491231", "18 characters"),
        ("1101051949123100XX", "18 characters"),
        (made("99999919900101123"), "place code"),
        (made("00010519900101123"), "place code"),
        (made("11010519901332123"), "date of birth"),
        (made("11010519900229123"), "date of birth"),
        (made("11010599990101123"), "date of birth"),
        ("", "18 characters"),
    ],
)
def test_it_says_what_is_wrong_with_an_identity_number(text, words):
    assert not resident_id.valid(text, today=date(2026, 11, 22))
    with pytest.raises(WrongAnswer) as caught:
        resident_id.parse(text, today=date(2026, 11, 22))
    assert words in caught.value.text.en


@given(st.integers(0, 16), st.integers(1, 9))
def test_it_notices_every_single_wrong_digit(place, shift):
    wrong = str((int(GOOD[place]) + shift) % 10)
    assert not resident_id.valid(GOOD[:place] + wrong + GOOD[place + 1 :])


@given(st.integers(0, 15))
def test_it_notices_two_digits_that_changed_places(place):
    first, second = GOOD[place], GOOD[place + 1]
    swapped = GOOD[:place] + second + first + GOOD[place + 2 :]
    assert resident_id.valid(swapped) == (first == second)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13812345678", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("0086 19912345678", "19912345678"),
        ("0936-2721234", "0936-2721234"),
        ("（0936）2721234", "0936-2721234"),
        ("+86 936 2721234", "0936-2721234"),
        ("010-88886666", "010-88886666"),
        ("02088886666", "020-88886666"),
        ("0512 6522 1234", "0512-65221234"),
        ("0936-2721234转806", "0936-2721234-806"),
        ("0936-2721234-806", "0936-2721234-806"),
        ("010-88886666 ext. 12", "010-88886666-12"),
        ("0936-2721234-5", "0936-2721234-5"),
        ("0512-6522-1234", "0512-65221234"),
        ("400-123-4567", "400-123-4567"),
        ("4001234567", "400-123-4567"),
        ("+852 9123 4567", "+85291234567"),
    ],
)
def test_it_stores_every_spelling_of_a_telephone_number_alike(typed, stored):
    assert phone.parse(typed) == stored
    assert phone.parse(stored) == stored


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1381234567", "11 digits"),
        ("138123456789", "11 digits"),
        ("12345678901", "11 digits"),
        ("2721234", "area code"),
        ("65221234", "area code"),
        ("0936-1721234", "landline"),
        ("010-8888666", "landline"),
        ("call me", "landline"),
        ("", "landline"),
        ("+86", "landline"),
        ("13812345678;rm", "landline"),
    ],
)
def test_it_says_what_is_wrong_with_a_telephone_number(typed, words):
    with pytest.raises(WrongAnswer) as caught:
        phone.parse(typed)
    assert words in caught.value.text.en


def test_it_knows_a_mobile_number_from_a_landline():
    assert phone.mobile("138 1234 5678")
    assert not phone.mobile("0936-2721234")
    assert not phone.mobile("nonsense")


@given(st.text(max_size=40))
def test_it_never_fails_on_any_text(text):
    if phone.valid(text):
        assert phone.parse(phone.parse(text)) == phone.parse(text)
    if resident_id.valid(text):
        assert resident_id.parse(resident_id.parse(text)) == resident_id.parse(text)
