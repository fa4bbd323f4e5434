"""``kill -9`` at any moment: what was acknowledged is there, what was not is there whole or not at all."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.domain.documents import ObjectRef

WRITER = """
import pathlib, sys
from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.adapters.sqlite.catalog import SQLiteCatalog
from personal_pipeline.adapters.sqlite.database import Database
from personal_pipeline.adapters.sqlite.queue import SQLiteQueue
from personal_pipeline.ports import OutgoingMessage

root = pathlib.Path(sys.argv[1])
database = Database(root / "pipeline.db")
queue, catalog = SQLiteQueue(database, "work"), SQLiteCatalog(database)
store = DirectoryDocumentStore(root / "documents")
number = int(sys.argv[2])
while True:
    body = f"{number}" * 2000
    queue.send([OutgoingMessage(f"{number}.{part}") for part in range(10)])
    catalog.claim("runbooks/a.md", f"{number:08X}", None, 1.0)
    store.put("runbooks/a.md", body.encode(), {"number": str(number)})
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("acknowledged_before_the_kill", [1, 7, 23])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path, acknowledged_before_the_kill: int) -> None:
    last = 0
    for _ in range(2):  # killed, restarted on what it left, killed again
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(last + 1)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert writer.stdout
        for _ in range(acknowledged_before_the_kill):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        last = max([last, *map(int, writer.stdout.read().split("\n")[:-1])])
        writer.stdout.close()
        writer.wait()

    database = Database(tmp_path / "pipeline.db")
    bodies = [message.body for message in SQLiteQueue(database, "work").messages(limit=100_000)]
    entries = list(SQLiteCatalog(database).entries("runbooks"))
    document = DirectoryDocumentStore(tmp_path / "documents").read(ObjectRef("runbooks/a.md"))
    with database.snapshot() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()

    sent = {int(body.partition(".")[0]) for body in bodies}
    assert sent >= set(range(1, last + 1))
    assert len(bodies) % 10 == 0, "a batch is stored whole or not at all"
    assert entries[0].rev >= last
    number = document.metadata["number"]
    assert int(number) >= last
    assert document.body == number.encode() * 2000
