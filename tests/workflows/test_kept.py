"""The file of a long run: what a crash tore is taken away, what somebody else wrote into it is refused as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.kept import Otherwise, keep, results_in

HEADING = {"draft": "a1"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "kept"
    assert results_in(made, HEADING) == []
    keep(made, [{"root": "leak-01"}, {"root": "leak-02"}])
    return made


def test_a_line_that_a_crash_tore_is_done_again(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"root": "leak-0\xe6')
    assert results_in(file, HEADING) == [{"root": "leak-01"}, {"root": "leak-02"}]
    assert file.read_bytes() == whole


@pytest.mark.parametrize("line", [b"garbage", b"null", b"[]", b'{"root": "leak', b"\xff\xfe", b""])
def test_a_file_into_which_somebody_wrote_is_of_no_run_and_stays_as_it_is(file: Path, line: bytes) -> None:
    first, *rest = file.read_bytes().split(b"\n")
    told = b"\n".join([first, line, *rest])
    file.write_bytes(told)
    with pytest.raises(Otherwise):
        results_in(file, HEADING)
    assert file.read_bytes() == told
