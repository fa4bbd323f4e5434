import io
import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from infra.local.data_folder import locked
from infra.local.operator_routes import backup
from tests.unit.cli.conftest import Pp
from tests.unit.cli.stand_in import Answer, StandIn, problem


def fill(folder: Path, text: str) -> Path:
    """A data folder with one row and one document, as a server leaves it."""
    (folder / "documents" / "objects").mkdir(parents=True, exist_ok=True)
    (folder / "documents" / "objects" / "a").write_text(text)
    (folder / "index").mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "pipeline.db")) as tables, tables:
        tables.execute("create table said (text)")
        tables.execute("insert into said values (?)", [text])
    return folder


def said(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "pipeline.db")) as tables:
        (text,) = tables.execute("select text from said").fetchone()
    return str(text)


def archive(tmp_path: Path, *entries: tarfile.TarInfo | Path) -> Path:
    file = tmp_path / "crafted.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        for entry in entries:
            if isinstance(entry, Path):
                tar.add(entry, entry.name)
            else:
                tar.addfile(entry, io.BytesIO(b"x" * entry.size))
    return file


def entry(name: str, type_: bytes = tarfile.REGTYPE, linkname: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = type_, linkname, 1 if type_ == tarfile.REGTYPE else 0
    return info


@pytest.fixture
def a_backup(tmp_path: Path) -> Path:
    source = fill(tmp_path / "source", "kept")
    file = tmp_path / "backup.tar.gz"
    file.write_bytes(b"".join(backup(source / "pipeline.db", source)))
    return file


def test_a_backup_is_written_whole_and_for_nobody_else(system: StandIn, pp: Pp, tmp_path: Path) -> None:
    system.answers["GET /local/backup"] = Answer(b"archive" * 100_000, headers={"Content-Type": "application/gzip"})
    file = tmp_path / "b.tar.gz"

    ran = pp("backup", str(file))

    assert ran.code == 0
    assert "700,000 bytes" in ran.out
    assert file.read_bytes() == b"archive" * 100_000
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_is_not_overwritten_unasked(system: StandIn, pp: Pp, tmp_path: Path) -> None:
    system.answers["GET /local/backup"] = Answer(b"new")
    file = tmp_path / "b.tar.gz"
    file.write_text("old")

    assert pp("backup", str(file)).code == 1
    assert file.read_text() == "old"

    assert pp("backup", str(file), "--force").code == 0
    assert file.read_text() == "new"


@pytest.mark.parametrize(
    "broken",
    [problem(500, "broken"), Answer(b"half", headers={"Content-Length": "8", "Connection": "close"})],
    ids=["refused", "broken off"],
)
def test_a_backup_that_fails_leaves_no_file_and_keeps_the_old_one(
    system: StandIn, pp: Pp, tmp_path: Path, broken: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.cli.api.ANSWER_SECONDS", 0.5)
    system.answers["GET /local/backup"] = broken
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "b.tar.gz").write_text("old")

    ran = pp("backup", str(folder / "b.tar.gz"), "--force")

    assert ran.code == 1
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"b.tar.gz": "old"}


def test_a_place_that_cannot_be_written_is_named(pp: Pp, data: Path) -> None:
    ran = pp("backup", str(data / "token" / "b.tar.gz"))

    assert ran.code == 1
    assert "cannot be written" in ran.err


def test_what_was_backed_up_is_restored(pp: Pp, data: Path, a_backup: Path) -> None:
    ran = pp("restore", str(a_backup), "--json")

    assert ran.code == 0
    assert json.loads(ran.out) == {"data": str(data), "documents": 1, "set_aside": None}
    assert said(data) == "kept"
    assert (data / "documents" / "objects" / "a").read_text() == "kept"
    assert not (data / "index").exists()


def test_data_that_is_there_is_replaced_only_when_told_and_set_aside(pp: Pp, data: Path, a_backup: Path) -> None:
    fill(data, "newer")

    refused = pp("restore", str(a_backup))

    assert refused.code == 1
    assert "add --force" in refused.err
    assert said(data) == "newer"

    forced = pp("restore", str(a_backup), "--force", "--json")

    aside = Path(json.loads(forced.out)["set_aside"])
    assert said(data) == "kept"
    assert said(aside) == "newer"
    assert not (data / "index").exists(), "an index of other documents would answer"
    assert (data / "token").exists()


def test_a_second_restore_does_not_bury_what_the_first_set_aside(pp: Pp, data: Path, a_backup: Path) -> None:
    fill(data, "newer")
    first = Path(json.loads(pp("restore", str(a_backup), "--force", "--json").out)["set_aside"])

    pp("restore", str(a_backup), "--force")

    assert said(first) == "newer"


def test_nothing_is_restored_under_a_running_server(pp: Pp, data: Path, a_backup: Path) -> None:
    with locked(data, RuntimeError):
        ran = pp("restore", str(a_backup), "--force")

    assert ran.code == 1
    assert "stop it first" in ran.err
    assert not (data / "pipeline.db").exists()


HOSTILE = {
    "a way out": entry("documents/../../outside"),
    "an absolute path": entry("/tmp/outside"),
    "another file": entry("token"),
    "a link out": entry("documents/link", tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link out": entry("documents/link", tarfile.LNKTYPE, "../../secret"),
    "a device": entry("documents/device", tarfile.CHRTYPE),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_crafted_archive_is_refused_and_changes_nothing(
    pp: Pp, data: Path, tmp_path: Path, hostile: tarfile.TarInfo
) -> None:
    fill(data, "newer")
    before = sorted(path.name for path in data.iterdir())
    tables = fill(tmp_path / "other", "evil") / "pipeline.db"

    ran = pp("restore", str(archive(tmp_path, tables, hostile)), "--force")

    assert ran.code == 1
    assert ran.err.startswith("pp: ")
    assert said(data) == "newer"
    assert sorted(path.name for path in data.iterdir() if path.name != "lock") == before
    assert not (tmp_path / "outside").exists()


def test_what_is_no_backup_is_refused(pp: Pp, data: Path, tmp_path: Path, a_backup: Path) -> None:
    junk, half, empty = (tmp_path / name for name in ("junk", "half", "empty"))
    junk.write_bytes(b"junk" * 100)
    half.write_bytes(a_backup.read_bytes()[:-60])
    empty.write_bytes(b"")
    no_tables = archive(tmp_path, entry("documents/a"))
    broken = tmp_path / "broken" / "pipeline.db"
    broken.parent.mkdir()
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)

    for file in (junk, half, empty, no_tables, tmp_path / "gone", tmp_path):
        ran = pp("restore", str(file))
        assert (ran.code, ran.out) == (1, ""), file
        assert ran.err.count("\n") == 1, file
    assert pp("restore", str(archive(tmp_path, broken))).code == 1
    assert {path.name for path in data.iterdir()} == {"lock", "token", "webhook-secret"}
