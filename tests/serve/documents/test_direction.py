"""Where pages are written from right to left nobody is alarmed by what may be read backwards."""

from __future__ import annotations

import pytest

from osler.documents.document import Document, Page
from osler.serve.documents.direction import NOTE
from osler.serve.documents.values import values
from osler.serve.documents.writing import ByRule, remarks

VALUE = "Potassium | 6.9 | mmol/L | 3.5-5.1\n"
HEBREW = "ןיליצינפל שיגר רבגומ ןגלשא םד תקידב\n"


def paper(text: str, pages: bool = True) -> Document:
    whole = (Page(1, 0, len(text.encode())),) if pages else ()
    return Document("d", "d.pdf", "d", text, whole, ())


@pytest.mark.parametrize(
    ("text", "pages", "judged"),
    [
        (HEBREW + VALUE, True, False),
        (HEBREW + VALUE, False, True),
        (HEBREW + VALUE + "Seen on the ward with chest pain and breathlessness.", True, True),
    ],
)
def test_values_of_pages_from_right_to_left_are_not_judged_and_that_is_said(
    text: str, pages: bool, judged: bool
) -> None:
    document = paper(text, pages)
    (value,) = ByRule.of(document).values
    assert (value.side, value.critical) == (("high", True) if judged else ("", False))
    assert remarks(document, []) == ([] if judged else [NOTE])


def test_a_range_that_was_read_from_its_wrong_end_judges_nothing() -> None:
    (value,) = values(paper("Potassium | 4.0 | mmol/L | 5.1 - 3.5\n"))
    assert value.side == ""
