"""The watched folder as a source: what reaches the bucket, what does not, and what is never deleted by mistake."""

import os

import pytest

from infra.local.folder import MAX_RAW_BYTES, FolderSource, FolderUnavailableError, InvalidFolderError
from infra.local.journal import Journal
from personal_pipeline.domain.errors import StoreUnavailableError


class Store:
    def __init__(self):
        self.objects = {}
        self.calls = []
        self.broken = False

    def put(self, key, body, metadata=None):
        if self.broken:
            raise StoreUnavailableError("the disk is full")
        self.objects[key] = body
        self.calls.append(("put", key))

    def delete(self, key):
        self.objects.pop(key, None)
        self.calls.append(("delete", key))


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "My Runbooks"
    root.mkdir()
    return root


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "server.db")
    yield journal
    journal.close()


@pytest.fixture
def folder(root, store, journal):
    return FolderSource(root, store, journal)


def write(path, text="# Title\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_documents_are_put_under_the_name_of_their_folder(root, store, folder):
    write(root / "disk.md")
    write(root / "db" / "failover.rst")
    changes = folder.synchronise()
    assert set(store.objects) == {"my-runbooks/disk.md", "my-runbooks/db/failover.rst"}
    assert (changes.documents, changes.put, changes.deleted) == (2, 2, 0)


def test_over_an_unchanged_folder_nothing_is_put_again_even_after_a_restart(root, store, journal, folder):
    write(root / "disk.md")
    folder.synchronise()
    again = FolderSource(root, store, journal).synchronise()
    assert (again.documents, again.put) == (1, 0)
    assert len(store.calls) == 1


def test_a_touched_file_with_the_same_content_is_not_put(root, store, folder):
    write(root / "disk.md")
    folder.synchronise()
    os.utime(root / "disk.md", (1, 1))
    assert folder.synchronise().put == 0


def test_a_change_that_keeps_size_and_modification_time_is_noticed(root, store, folder):
    write(root / "disk.md", "one")
    before = (root / "disk.md").stat()
    folder.synchronise()
    (root / "disk.md").write_text("two")
    os.utime(root / "disk.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    folder.synchronise()
    assert store.objects["my-runbooks/disk.md"] == b"two"


def test_what_changed_came_or_went_while_the_server_was_off_is_found(root, store, journal, folder):
    write(root / "changed.md", "old")
    write(root / "gone.md")
    folder.synchronise()
    (root / "changed.md").write_text("new text")
    (root / "gone.md").unlink()
    write(root / "added.md")
    changes = FolderSource(root, store, journal).synchronise()
    assert (changes.put, changes.deleted) == (2, 1)
    assert set(store.objects) == {"my-runbooks/changed.md", "my-runbooks/added.md"}


def test_a_put_that_failed_is_made_again(root, store, folder):
    write(root / "disk.md")
    store.broken = True
    with pytest.raises(StoreUnavailableError):
        folder.synchronise()
    store.broken = False
    assert folder.synchronise().put == 1


@pytest.mark.parametrize(
    "name",
    [".hidden.md", "disk.md~", ".disk.md.swp", "#disk.md#", "disk.md.tmp", "photo.png", "README", ".git/readme.md"],
)
def test_what_is_no_document_is_left_alone_without_a_word(root, store, folder, name):
    write(root / name)
    changes = folder.synchronise()
    assert (store.objects, changes.problems) == ({}, ())


def test_the_description_of_services_is_taken_too(root, store, folder):
    write(root / "_services.yaml", "services: []\n")
    folder.synchronise()
    assert list(store.objects) == ["my-runbooks/_services.yaml"]


def test_a_document_that_is_too_large_is_named_once_and_holds_back_no_other(root, store, folder):
    (root / "huge.md").write_bytes(b"x" * (MAX_RAW_BYTES + 1))
    write(root / "disk.md")
    changes = folder.synchronise()
    assert list(store.objects) == ["my-runbooks/disk.md"]
    (problem,) = changes.problems
    assert "huge.md" in problem
    assert folder.synchronise().problems == ()


@pytest.mark.parametrize("name", ["with\nnewline.md", "back\\slash.md", os.fsdecode(b"not-utf8-\xff.md")])
def test_a_name_that_no_key_can_have_is_reported(root, store, folder, name):
    write(root / name)
    write(root / "disk.md")
    changes = folder.synchronise()
    assert list(store.objects) == ["my-runbooks/disk.md"]
    (problem,) = changes.problems
    assert "\n" not in problem
    problem.encode()


def test_odd_but_possible_names_are_taken(root, store, folder):
    for name in ("mit Umlaut ü.md", "100% full?.md", "+plus&amp.md", "UPPER.MD"):
        write(root / name)
    assert folder.synchronise().put == 4


def test_loops_of_links_end_and_links_inside_are_followed(root, store, folder):
    write(root / "real" / "disk.md")
    (root / "real" / "loop").symlink_to(root)
    (root / "alias.md").symlink_to(root / "real" / "disk.md")
    (root / "dangling.md").symlink_to(root / "nothing.md")
    folder.synchronise()
    assert set(store.objects) == {"my-runbooks/real/disk.md", "my-runbooks/alias.md"}


def test_a_link_out_of_the_folder_is_not_followed(root, store, folder, tmp_path):
    write(tmp_path / "secret.md", "not meant for search")
    (root / "leak.md").symlink_to(tmp_path / "secret.md")
    changes = folder.synchronise()
    assert store.objects == {}
    assert "leak.md" in changes.problems[0]


def test_a_folder_that_vanished_deletes_nothing(root, store, folder):
    write(root / "disk.md")
    folder.synchronise()
    root.rename(root.with_name("elsewhere"))
    with pytest.raises(FolderUnavailableError):
        folder.synchronise()
    assert list(store.objects) == ["my-runbooks/disk.md"]


def test_an_empty_folder_on_another_device_is_taken_for_an_unmounted_disk(root, store, journal, folder):
    write(root / "disk.md")
    folder.synchronise()
    (root / "disk.md").unlink()
    path, device = journal.root()
    journal.set_root(path, device + 1)
    with pytest.raises(FolderUnavailableError, match="mounted"):
        folder.synchronise()
    assert list(store.objects) == ["my-runbooks/disk.md"]


def test_an_emptied_folder_on_the_same_device_is_really_empty(root, store, folder):
    write(root / "disk.md")
    folder.synchronise()
    (root / "disk.md").unlink()
    assert folder.synchronise().deleted == 1


def test_documents_below_a_folder_that_cannot_be_listed_are_kept(root, store, folder, monkeypatch):
    write(root / "db" / "failover.md")
    write(root / "disk.md")
    folder.synchronise()
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("db"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    changes = folder.synchronise()
    assert changes.deleted == 0
    assert changes.problems == ("db/: cannot be listed (Permission denied)",)


def test_another_folder_takes_the_place_of_the_one_before(root, store, journal, folder, tmp_path):
    write(root / "disk.md")
    folder.synchronise()
    other = tmp_path / "others"
    write(other / "net.md")
    FolderSource(other, store, journal).synchronise()
    assert list(store.objects) == ["others/net.md"]


def test_what_is_no_folder_is_refused_with_advice(tmp_path, store, journal):
    with pytest.raises(InvalidFolderError, match="--runbooks"):
        FolderSource(tmp_path / "nothing", store, journal)


RULES = "groups:\n- name: g\n  rules:\n  - alert: A\n    annotations: {runbook_url: https://w/a}\n"


def test_of_yaml_only_alert_rules_are_taken_and_nothing_is_said_of_the_rest(root, store, folder):
    write(root / "a.md")
    write(root / "rules" / "node.yaml", RULES)
    write(root / "broken.rules.yml", "groups: [")
    write(root / "chart" / "values.yaml", "password: secret\n")
    write(root / "chart" / "crds.yaml", "x" * (MAX_RAW_BYTES + 1))
    write(root / ".github" / "rules.yaml", RULES)
    write(root.parent / "elsewhere.yaml", RULES)
    (root / "linked.yaml").symlink_to(root.parent / "elsewhere.yaml")

    changes = folder.synchronise()

    assert set(store.objects) == {
        "my-runbooks/a.md",
        "my-runbooks/broken.rules.yml",
        "my-runbooks/rules/node.yaml",
    }
    assert (changes.documents, changes.put, changes.problems) == (3, 3, ())


def test_runbooks_of_every_format_are_taken(root, store, folder):
    write(root / "scan.pdf", "%PDF-1.7")
    write(root / "old.docx", "PK")
    write(root / "as-data.yaml", "kind: Runbook\n")
    write(root / "as-data.json", '{"kind": "Runbook"}')
    write(root / "play.yml", "- hosts: all\n  roles: [disk]\n")
    write(root / "package.json", '{"name": "x", "token": "secret"}')
    write(root / "generated_values.yaml", "sinksConfig: secret\ncustomPlaybooks:\n- triggers: []\n")

    folder.synchronise()

    assert {key.removeprefix("my-runbooks/") for key in store.objects} == {
        *("scan.pdf", "old.docx", "as-data.yaml", "as-data.json", "play.yml"),
    }


def test_a_file_that_gets_or_loses_its_rules_comes_and_goes(root, store, folder):
    write(root / "all.yaml", "kind: ConfigMap\n")
    assert folder.synchronise().put == 0

    write(root / "all.yaml", RULES)
    assert folder.synchronise().put == 1
    assert folder.synchronise().put == 0

    write(root / "all.yaml", "kind: ConfigMap\n")
    assert folder.synchronise().deleted == 1
    assert store.objects == {}


def test_a_rule_file_that_cannot_be_read_for_a_moment_is_not_deleted(root, store, folder, monkeypatch):
    write(root / "all.yaml", RULES)
    folder.synchronise()
    write(root / "all.yaml", RULES + "  - alert: B\n")

    def refuse(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.open", refuse)
        changes = folder.synchronise()

    assert changes.deleted == 0
    assert "cannot be read" in changes.problems[0]
    assert folder.synchronise().put == 1
