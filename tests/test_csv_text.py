"""Tables for spreadsheets: what comes out reads back, and nothing in it is run."""

import csv
import io

import pytest

from schemas.csv_text import csv_text


def read_back(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_read_back_with_every_column_and_no_other() -> None:
    rows = [{"member": 'a "b", c', "by": -3, "left": 9}, {"by": 4}]
    assert csv_text(["member", "by"], rows).splitlines()[0] == "member,by"
    assert read_back(csv_text(["member", "by"], rows)) == [
        {"member": 'a "b", c', "by": "-3"},
        {"member": "", "by": "4"},
    ]


@pytest.mark.parametrize("said", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "--5"])
def test_a_text_that_a_spreadsheet_would_run_is_marked_as_text(said: str) -> None:
    assert read_back(csv_text(["member"], [{"member": said}])) == [{"member": f"'{said}"}]


@pytest.mark.parametrize("said", ["-3", "-3.50", "+7", "ann", "a=b", "", "2026-11-27"])
def test_numbers_and_other_texts_stay_as_they_are(said: str) -> None:
    assert read_back(csv_text(["by", "x"], [{"by": said, "x": 1}])) == [{"by": said, "x": "1"}]
