"""Files as `karmalog import` gets them: plain, packed, several at once, and ones that are not whole."""

import gzip
from pathlib import Path

import pytest
import zstandard

from tests.places import Folder
from tests.review_events import EXAMPLE, FEW

LINES = FEW.lines()[:200]
TEXT = b"".join(line + b"\n" for line in LINES)
GZ = gzip.compress(TEXT, mtime=0)
ZST = zstandard.ZstdCompressor().compress(TEXT)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    made = Folder(tmp_path_factory.mktemp("files") / "data")
    made.run("rules", "apply", "--yes", EXAMPLE / "rulebook.yaml")
    return made


def broken(packed: bytes) -> bytes:
    """One of its first bytes after the header is another one."""
    return packed[:12] + bytes([packed[12] ^ 0xFF]) + packed[13:]


def test_files_are_read_plain_and_packed_and_from_standard_input(place: Folder, tmp_path: Path) -> None:
    quarter = len(LINES) // 4
    parts = [b"\n".join(LINES[start : start + quarter]) for start in range(0, len(LINES), quarter)]
    (tmp_path / "plain.jsonl").write_bytes(parts[0])
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(parts[1]))
    (tmp_path / "packed.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(parts[2]))
    files = [tmp_path / name for name in ("plain.jsonl", "packed.jsonl.gz", "packed.jsonl.zst")]
    said = place.json("import", *files, "-", stdin=parts[3])
    assert (said["read"], said["appended"]) == (len(LINES), len(LINES))


def test_a_packed_file_of_several_parts_is_read_to_its_end(place: Folder, tmp_path: Path) -> None:
    files = tmp_path / "parts.jsonl.gz", tmp_path / "parts.jsonl.zst"
    files[0].write_bytes(GZ + GZ)
    files[1].write_bytes(ZST + ZST)
    assert place.json("import", *files)["read"] == 4 * len(LINES)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("cut.jsonl.gz", GZ[: len(GZ) // 2], id="cut-gz"),
        pytest.param("cut.jsonl.zst", ZST[: len(ZST) // 2], id="cut-zst"),
        pytest.param("broken.jsonl.gz", broken(GZ), id="broken-gz"),
        pytest.param("broken.jsonl.zst", broken(ZST), id="broken-zst"),
        pytest.param("plain.jsonl.gz", TEXT, id="plain-as-gz"),
        pytest.param("plain.jsonl.zst", TEXT, id="plain-as-zst"),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end_is_named(
    place: Folder, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    _, err = place.run("import", file, code=1)
    assert f"{file} cannot be read to its end" in err
