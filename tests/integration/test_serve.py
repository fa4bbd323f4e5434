"""The system on one machine, started as a process and used over HTTP, with every real embedded part."""

import io
import json
import os
import signal
import socket
import sqlite3
import stat
import tarfile
from pathlib import Path

import pytest

from tests.integration.one_machine import Server, eventually, free_port

PROJECT = Path(__file__).parents[2]
ALERT = (PROJECT / "events" / "alerts" / "alertmanager" / "firing.json").read_bytes()


def write(path, title, text="Nothing more."):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {title}\n\n{text}\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def runbooks(home):
    folder = home / "runbooks"
    write(folder / "quasar.md", "Quasar outage", "The quasar has stopped blinking.")
    write(folder / "db" / "pulsar.md", "Pulsar slow", "Wait for the pulsar.")
    return folder


@pytest.fixture(scope="module")
def server(home, runbooks):
    with Server(home / "data", runbooks, workers=2) as server:
        yield server.ready()


# ── What a newcomer sees ────────────────────────────────────────────────────


def test_the_first_start_over_the_samples_shows_a_search_and_an_alert_with_its_runbook(tmp_path):
    with Server(tmp_path / "data", PROJECT / "events" / "documents") as server:
        output = server.ready().output
    assert "Disk full on a node" in output.partition("Alertmanager sends")[0]
    assert "RUNBOOK  Disk full on a node" in output.partition("Alertmanager sends")[2]
    assert f"credentials_file: {tmp_path / 'data' / 'webhook-secret'}" in output
    assert "Traceback" not in output


def test_tokens_are_made_for_nobody_else_to_read(server):
    for name in ("token", "webhook-secret"):
        path = server.data_dir / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(path.read_text().strip()) >= 32


# ── The watched folder ──────────────────────────────────────────────────────


def test_a_saved_changed_and_deleted_file_is_followed_in_search_and_documents(server, runbooks):
    path = runbooks / "nebula.md"
    write(path, "Nebula", "The xylophone is out of tune.")
    server.eventually(lambda: server.found("xylophone") == ["nebula.md"], "the saved file is found")
    status, answer = server.ask("GET", "/v1/search?q=xylophone")
    doc_id = answer["hits"][0]["id"]

    write(path, "Nebula", "The zeppelin has landed.")
    server.eventually(lambda: server.found("zeppelin") == ["nebula.md"], "the change is found")
    server.eventually(lambda: not server.found("xylophone"), "what was there before is not")
    status, document = server.ask("GET", f"/v1/documents/{doc_id}")
    assert (status, "zeppelin" in document["text"]) == (200, True)

    path.unlink()
    server.eventually(lambda: not server.found("zeppelin"), "the deleted file is gone from search")
    assert server.ask("GET", f"/v1/documents/{doc_id}")[0] == 404


def test_the_watched_folder_is_never_written_to(server, runbooks):
    before = {path: path.stat().st_mtime_ns for path in runbooks.rglob("*")}
    server.operate("POST", "reindex", "{}")
    server.eventually(lambda: server.found("quasar"), "indexed again")
    assert {path: path.stat().st_mtime_ns for path in runbooks.rglob("*")} == before


def test_a_poison_file_is_reported_while_its_neighbours_are_found(server, runbooks):
    (runbooks / "poison.md").write_bytes(b"\x00\x01\x02\xff" * 400)
    write(runbooks / "neighbour.md", "Neighbour", "The marmalade is fine.")
    server.eventually(lambda: server.found("marmalade"), "the neighbour is found")

    def parked():
        _, answer = server.operate("GET", "failures")
        return [failure for failure in answer["failures"] if failure["subject"] == "runbooks/poison.md"]

    (failure,) = server.eventually(parked, "the poison is among the failures")
    assert failure["queue"] == "ingest-queue"
    assert failure["attempts"] == 5
    assert "poison.md" in failure["reason"]
    write(runbooks / "poison.md", "Healed", "The antidote worked.")
    server.eventually(lambda: server.found("antidote"), "the mended file is found")
    status, answer = server.operate("POST", "redrive", json.dumps({"ids": [failure["id"]]}))
    assert (status, answer) == (200, {"redriven": 1})
    server.eventually(lambda: not parked(), "the redriven message is done with")
    assert server.found("antidote") == ["poison.md"]


def test_a_folder_that_vanishes_takes_no_document_with_it(tmp_path):
    folder = tmp_path / "runbooks"
    write(folder / "quasar.md", "Quasar")
    with Server(tmp_path / "data", folder) as server:
        server.ready()
        folder.rename(tmp_path / "unmounted")
        server.eventually(lambda: "cannot be reached" in server.output, "it is told")
        assert server.found("quasar") == ["quasar.md"]
        (tmp_path / "unmounted").rename(folder)
        write(folder / "back.md", "Back again")
        server.eventually(lambda: server.found("back again"), "the folder that came back is watched")
        assert server.found("quasar") == ["quasar.md"]


# ── Restarts and crashes ────────────────────────────────────────────────────


def test_a_restart_over_an_unchanged_folder_reads_and_indexes_nothing(tmp_path):
    folder = tmp_path / "runbooks"
    for number in range(5):
        write(folder / f"{number}.md", f"Runbook {number}")
    with Server(tmp_path / "data", folder) as server:
        server.ready()
        assert "5 new or changed" in server.output
        server.stop()
    before = catalog(tmp_path / "data")
    with Server(tmp_path / "data", folder) as server:
        server.ready()
        assert "5 files, 0 new or changed, 0 deleted" in server.output
        assert "; 0 changes of documents" in server.output
        assert len(server.found("runbook")) == 5
        server.stop()
    assert catalog(tmp_path / "data") == before


def test_changes_made_while_the_server_was_off_are_found_at_its_start(tmp_path):
    folder = tmp_path / "runbooks"
    for name in ("kept", "changed", "gone"):
        write(folder / f"{name}.md", name.title())
    with Server(tmp_path / "data", folder) as server:
        server.ready().stop()
    write(folder / "changed.md", "Changed", "A kaleidoscope.")
    (folder / "gone.md").unlink()
    with Server(tmp_path / "data", folder) as server:
        server.ready()
        server.eventually(lambda: server.found("kaleidoscope") == ["changed.md"], "the change is found")
        assert server.found("gone") == []
        assert server.found("kept") == ["kept.md"]


def test_a_server_killed_amid_an_ingest_leaves_no_process_and_ends_complete_after_a_restart(tmp_path):
    folder = tmp_path / "runbooks"
    for number in range(200):
        write(folder / f"{number:03}.md", f"Runbook {number}", f"Word{number} and more.")
    with Server(tmp_path / "data", folder) as server:
        server.eventually(lambda: server.found("runbook"), "it began")
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        eventually(lambda: not server.has_processes(), "its children are gone")
    assert len([row for row in catalog(tmp_path / "data") if row[1] == row[2]]) < 200
    with Server(tmp_path / "data", folder) as server:
        server.ready()
        server.eventually(lambda: server.documents() == {"runbooks": 200}, "all are there")
        assert server.found("word77")[0] == "077.md"
        assert server.operate("GET", "failures") == (200, {"failures": []})
        _, answer = server.operate("GET", "queues")
        assert all(queue["visible"] == queue["in_flight"] == 0 for queue in answer["queues"])


def test_ctrl_c_stops_everything_within_five_seconds(tmp_path):
    with Server(tmp_path / "data", workers=2) as server:
        server.ready()
        code, seconds = server.stop(signal.SIGINT)
        assert code == 0
        assert seconds < 5
        eventually(lambda: not server.has_processes(), "no process is left", 5)
        assert server.output.endswith("Stopped.\n")
        assert "Traceback" not in server.output


def test_sigterm_stops_it_as_well(tmp_path):
    with Server(tmp_path / "data") as server:
        server.ready()
        code, _ = server.stop(signal.SIGTERM)
        assert code == 0
        eventually(lambda: not server.has_processes(), "no process is left", 5)


def test_processes_that_die_are_replaced(server, runbooks):
    before = server.children()
    assert len(before) == 3
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    server.eventually(lambda: len(set(server.children()) - set(before)) == 3, "all are replaced")
    write(runbooks / "reborn.md", "Reborn", "The rhinoceros is back.")
    server.eventually(lambda: server.found("rhinoceros") == ["reborn.md"], "the new ones work")


# ── Refusals before anything starts ─────────────────────────────────────────


def refusal(*args, **kwargs):
    with Server(*args, **kwargs) as server:
        assert server.process.wait(60) == 1
        assert "Traceback" not in server.output
        return server.output


def test_a_second_server_over_the_same_data_is_refused(server):
    assert "runs on" in refusal(server.data_dir)


def test_an_index_that_does_not_answer_keeps_nobody_from_starting(tmp_path):
    environment = {"OPENSEARCH_URL": f"http://127.0.0.1:{free_port()}"}
    with Server(tmp_path / "data", environment=environment) as server:
        server.ready()
        status, health = server.ask("GET", "/v1/health")[:2]

    assert (status, health["status"], health["checks"]["index"]) == (200, "degraded", "unavailable")


def test_an_open_address_without_a_token_is_refused(tmp_path):
    assert "PP_API_TOKEN" in refusal(tmp_path / "data", host="0.0.0.0")
    assert not (tmp_path / "data").exists()


def test_a_port_in_use_is_refused(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        assert f"port {port}" in refusal(tmp_path / "data", port=port)


def test_a_name_of_no_machine_is_refused(tmp_path):
    assert "HOST=no.such.name.invalid" in refusal(tmp_path / "data", host="no.such.name.invalid")


def test_it_can_be_bound_by_name(tmp_path):
    with Server(tmp_path / "data", host="localhost") as server:
        assert server.ready().ask("GET", "/v1/health")[0] == 200


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert "is not a folder" in refusal(tmp_path / "data", tmp_path / "nothing")


@pytest.mark.parametrize("name", ["ingest", "alert_intake"])
def test_a_function_that_cannot_be_loaded_ends_the_server_with_a_hint(tmp_path, name):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "app.py").write_text("import a_package_that_is_not_there\n")
    text = (PROJECT / "template.yaml").read_text().replace("CodeUri: functions/", f"CodeUri: {PROJECT}/functions/")
    template = tmp_path / "template.yaml"
    template.write_text(text.replace(f"CodeUri: {PROJECT}/functions/{name}\n", f"CodeUri: {broken}\n"))
    told = refusal(tmp_path / "data", template=str(template))
    assert "a_package_that_is_not_there" in told or "http.log" in told


def test_with_a_token_callers_need_it_and_monitors_do_not(tmp_path):
    with Server(tmp_path / "data", environment={"PP_API_TOKEN": "let-me-in"}) as server:
        server.ready()
        assert server.ask("GET", "/v1/search?q=disk")[0] == 401
        assert server.ask("GET", "/v1/search?q=disk", token="let-me-in")[0] == 200
        assert server.ask("GET", "/v1/health")[0] == 200


# ── Webhooks and operator routes ────────────────────────────────────────────


def test_a_webhook_needs_the_secret_and_its_alert_appears_on_the_terminal(server):
    assert server.ask("POST", "/v1/alerts/alertmanager", ALERT, content_type="application/json")[0] == 401
    secret = (server.data_dir / "webhook-secret").read_text().strip()
    status, _ = server.ask("POST", "/v1/alerts/alertmanager", ALERT, secret, content_type="application/json")
    assert status == 202
    server.eventually(lambda: "ALERT  NodeFilesystemAlmostOutOfSpace" in server.output, "the alert is shown")


def test_operator_routes_need_the_token_of_the_data_folder(server):
    for path in ("queues", "failures", "doctor", "backup"):
        assert server.ask("GET", f"/local/{path}")[0] == 401
        assert server.ask("GET", f"/local/{path}", token="wrong")[0] == 401


def test_a_foreign_host_name_is_refused(server):
    assert server.ask("GET", "/v1/health", host="evil.example")[0] == 421


def test_a_document_is_put_with_its_foreign_id_and_deleted_again(server):
    text = b"# Harpsichord\n\nTune it before the concert.\n"
    status, answer = server.operate("PUT", "documents/import/music/harpsichord.md", text, x_external_id="H-1")
    assert (status, answer["key"]) == (202, "import/music/harpsichord.md")
    server.eventually(lambda: server.found("harpsichord"), "it is found")
    assert server.ask("GET", f"/v1/documents/{answer['doc_id']}")[1]["external_id"] == "H-1"
    assert server.operate("DELETE", "documents/import/music/harpsichord.md")[0] == 202
    server.eventually(lambda: not server.found("harpsichord"), "it is gone")


@pytest.mark.parametrize("key", ["nosource.md", "a/../b.md", "a//b.md", "a/b%0Ac.md"])
def test_a_key_that_no_document_may_have_is_refused(server, key):
    status, problem = server.operate("PUT", f"documents/{key}", b"text")
    assert (status, problem["status"]) == (422, 422)


def test_a_document_over_the_limit_is_refused(server):
    assert server.operate("PUT", "documents/a/big.md", b"x" * (5 * 1024 * 1024 + 1))[0] == 413


def test_warming_answers_with_its_counts(server):
    status, answer = server.operate("POST", "warm", "{}")
    assert (status, answer["failed"]) == (200, 0)


def test_the_doctor_sees_every_part_and_shows_no_secret(server):
    status, answer = server.operate("GET", "doctor")
    assert status == 200
    assert {check["name"] for check in answer["checks"]} >= {"index", "tables", "embedder", "disk", "folder"}
    assert answer["settings"]["STORAGE"] == "local"
    shown = json.dumps(answer)
    for name in ("token", "webhook-secret"):
        assert (server.data_dir / name).read_text().strip() not in shown


def test_a_backup_has_the_tables_and_the_documents_and_no_secret(server, tmp_path):
    status, archive = server.operate("GET", "backup")
    assert status == 200
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path, filter="data")
    assert "pipeline.db" in names
    assert any(name.startswith("documents/objects/") for name in names)
    assert not {"token", "webhook-secret", "lock"} & set(names)
    assert not [path for path in server.data_dir.iterdir() if path.name.startswith("backup-")]
    with sqlite3.connect(tmp_path / "pipeline.db") as copy:
        assert copy.execute("SELECT count(*) FROM documents WHERE deleted = 0").fetchone()[0] >= 2
    copy.close()


def test_an_unknown_operator_route_is_a_404_problem(server):
    assert server.operate("GET", "nothing")[1]["status"] == 404


def test_an_index_that_was_lost_is_built_again_from_the_documents(tmp_path):
    folder = tmp_path / "runbooks"
    write(folder / "quasar.md", "Quasar")
    with Server(tmp_path / "data", folder) as server:
        server.ready().stop()
    (tmp_path / "data" / "index").rename(tmp_path / "lost")
    with Server(tmp_path / "data", folder) as server:
        server.ready()
        server.eventually(lambda: server.found("quasar") == ["quasar.md"], "it is found again")


def catalog(data_dir):
    """Key and revisions of every document."""
    connection = sqlite3.connect(data_dir / "pipeline.db")
    try:
        return connection.execute("SELECT key, rev, indexed_rev FROM documents ORDER BY key").fetchall()
    finally:
        connection.close()
