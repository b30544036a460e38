"""Zip archives: their members are read in place, and nothing in them leads outside."""

import stat
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.base import Stream
from connectors.errors import ConnectorError, ContentError
from connectors.files import FilesConnector
from tests.connectors.reading import pull, stream_of


def _zip(path: Path, members: Mapping[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)


def _stream(**options: str) -> Stream:
    stream = stream_of("*.zip", primary_key=("id",))
    return replace(stream, options={**stream.options, **options})


def test_members_are_read_like_files(tmp_path: Path) -> None:
    """In order of name; folders, hidden files and other systems' litter are no data."""
    _zip(
        tmp_path / "a.zip", {"b/2.csv": "id,v\n2,y\n", "1.csv": "id,v\n1,x\n", "__MACOSX/1.csv": "z", ".DS_Store": "z"}
    )
    table, _, state = pull(tmp_path, _stream())
    assert table.to_pylist() == [{"id": 1, "v": "x"}, {"id": 2, "v": "y"}]
    assert list(state["files"]) == ["a.zip:1.csv", "a.zip:b/2.csv"]


def test_only_new_and_grown_members_are_read_again(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"1.csv": "id,v\n1,x\n", "2.csv": "id,v\n2,y\n"})
    _, _, state = pull(tmp_path, _stream())
    _zip(tmp_path / "a.zip", {"1.csv": "id,v\n1,x\n", "2.csv": "id,v\n2,y\n3,z\n", "4.csv": "id,v\n4,w\n"})
    assert [row["id"] for row in pull(tmp_path, _stream(), state)[0].to_pylist()] == [2, 3, 4]


def test_a_member_that_changed_inside_has_every_member_read(tmp_path: Path) -> None:
    """Which of its rows are gone can only be told from all of them, as with files of their own."""
    _zip(tmp_path / "a.zip", {"1.csv": "id,v\n1,x\n", "2.csv": "id,v\n2,y\n"})
    _, _, state = pull(tmp_path, _stream())
    _zip(tmp_path / "a.zip", {"1.csv": "id,v\n1,x\n", "2.csv": "id,v\n2,changed\n"})
    extract = FilesConnector("s", {}, tmp_path).extract(_stream(), state)
    rows = [row for batch in extract.batches() for row in batch.to_pylist()]
    assert (extract.mode, rows) == ("replace", [{"id": 1, "v": "x"}, {"id": 2, "v": "changed"}])


def test_a_pattern_chooses_members(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"readme.md": "# hello", "1.csv": "id\n1\n"})
    assert pull(tmp_path, _stream(member="*.csv"))[0].to_pylist() == [{"id": 1}]
    with pytest.raises(ContentError, match=r"none of its 2 entries matches '\*\.json'"):
        pull(tmp_path, _stream(member="*.json"))


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "C:\\evil.csv", "..\\evil.csv"])
def test_a_name_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    """The whole archive is refused, whichever member is asked for, and nothing is written anywhere."""
    (tmp_path / "in").mkdir()
    _zip(tmp_path / "in/a.zip", {"1.csv": "id\n1\n", name: "id\n2\n"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ContentError, match="leads outside of it"):
        pull(tmp_path / "in", _stream(member="1.csv"))
    assert sorted(tmp_path.rglob("*")) == before


def test_the_shared_archive_that_slips_is_refused(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "zip_slip.zip").write_bytes((shared / "trust/badfiles/zip_slip.zip").read_bytes())
    with pytest.raises(ConnectorError, match=r"zip_slip\.zip: could not read the archive, because entry"):
        pull(tmp_path, _stream())


def test_a_link_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("1.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ContentError, match="is a link"):
        pull(tmp_path, _stream())


def test_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"1.csv": "id\n" + "1\n" * 8_000_000})
    with pytest.raises(ContentError, match="grows beyond the limit"):
        pull(tmp_path, _stream())


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"1.csv": "id\n" + "".join(f"{number}\n" for number in range(5000))})
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[200:260] = bytes(60)
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ContentError, match=r"a\.zip:1\.csv.*zip data are damaged"):
        pull(tmp_path, _stream())


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("id\n1\n")
    with pytest.raises(ContentError, match="damaged or of an unknown kind"):
        pull(tmp_path, _stream())


def test_a_workbook_inside_an_archive_is_asked_for_by_itself(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"1.xlsx": "x"})
    with pytest.raises(ConnectorError, match="unpack it and name the file itself"):
        pull(tmp_path, _stream())


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.files.archives.MEMBERS_LIMIT", 1)
    _zip(tmp_path / "a.zip", {"1.csv": "id\n1\n", "2.csv": "id\n2\n"})
    with pytest.raises(ContentError, match="2 entries and 1 are allowed"):
        pull(tmp_path, _stream())
