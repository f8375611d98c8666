"""A template that somebody edited: each fault with its line, its section and plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from osler.errors import RecipeError
from osler.summaries.template import load_template, shipped_text

TWO = """\
sections:
  - title: Conditions
    about: Active conditions.
    parts: [conditions]
  - title: Vaccines
    about: Vaccines given.
    parts: [immunizations]
    lines: 4
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lines: 4", "lines: 0", '8: section 2 ("Vaccines"): lines: must be 1 or more.'),
        ("lines: 4", "lines: few", '8: section 2 ("Vaccines"): lines: must be a whole number.'),
        ("lines: 4", "lins: 4", '8: section 2 ("Vaccines"): lins: is not known here; there are ti'),
        ("lines: 4", "required: 3", 'section 2 ("Vaccines"): required: must be true or false.'),
        ("lines: 4", "parts: [labs]", "section 2: parts is given twice (first on line 7)."),
        ("lines: 4", "form: table", "form: must be 'overview', 'list' or 'preparation'."),
        ("title: Vaccines", "title:", "5: section 2: title: must be text: put it in quotes."),
        ("title: Vaccines", 'title: ""', "5: section 2: title: is empty."),
        ("title: Vaccines", "title: '# V'", "title: must be one line without # and without a"),
        ("title: Vaccines", "title: 'V:'", "title: must be one line without # and without a"),
        ("title: Vaccines", "title: conditions", "two sections are called conditions."),
        ("[immunizations]", "[shots]", '5: section 2 ("Vaccines"): no part shots; there are pers'),
        ("[immunizations]", "[]", '7: section 2 ("Vaccines"): parts: is empty.'),
        (
            "[immunizations]",
            "[labs, labs]",
            '5: section 2 ("Vaccines"): the part labs is named twi',
        ),
        ("title: Vaccines", "title: '  '", "title: is empty."),
        ("[immunizations]", "labs", '7: section 2 ("Vaccines"): parts: must be a list.'),
        ("    about: Vaccines given.\n", "", '5: section 2 ("Vaccines"): about: is missing.'),
        ("sections:", "parts:", "sections: is missing."),
        ("sections:", "sections", "not valid YAML"),
        (TWO, "", "must be keys and values."),
        (TWO, "sections: []", "1: sections: is empty."),
    ],
)
def test_faults_are_told_as_people_count_and_speak(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    assert old in TWO
    path = tmp_path / "mine.yaml"
    path.write_text(TWO.replace(old, new), "utf-8")
    with pytest.raises(RecipeError) as fault:
        load_template(path)
    assert said in str(fault.value)
    assert str(fault.value).startswith(f"{path}:")
    assert "sections.0" not in str(fault.value)
    assert ("sections: is empty" in str(fault.value)) == (new == "sections: []")
    assert fault.value.cure


def test_a_template_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no such template"):
        load_template(tmp_path / "none.yaml")
    with pytest.raises(RecipeError, match=r"cannot be read \(Is a directory\)"):
        load_template(tmp_path)


def test_a_template_from_windows_is_the_same_template(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + shipped_text().replace("\n", "\r\n").encode())
    assert load_template(path).digest == load_template().digest


def test_blanks_in_a_title_tell_no_heading_from_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TWO.replace("title: Vaccines", "title: '  Vaccines   given '"), "utf-8")
    assert load_template(path).sections[1].title == "Vaccines given"
