"""The system without a server: its use cases in this very process, over a data folder.

Over the folder of a server that runs, too: nothing here writes to it. Or over a folder of documents that is taken
into a data folder for the moment, which is what a check of a pull request needs.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.local.plan import ServeOptions
from infra.local.serve import local_environment
from infra.local.topology import read_topology
from personal_pipeline import bootstrap
from personal_pipeline.adapters.directory_document_store import DirectoryDocumentStore
from personal_pipeline.messages import IngestMessage
from personal_pipeline.services.build_document import is_services_file

BATCH = 100
BUCKET = "documents"


@contextmanager
def over_data_folder(data: Path) -> Iterator[None]:
    """``bootstrap`` builds what the functions of a server on this folder have."""
    functions = read_topology(ServeOptions().template).functions.values()
    named = {name: value for function in functions for name, value in function.environment.items()}
    with _environment({**named, **local_environment(ServeOptions(), data.resolve())}):
        yield


@contextmanager
def over_documents(objects: Iterable[tuple[str, bytes]], refused: Callable[[str, Exception], None]) -> Iterator[None]:
    """By key. What cannot be taken is told to ``refused``; the others go on."""
    with (
        tempfile.TemporaryDirectory(prefix="pp-") as folder,
        over_data_folder(Path(folder)),
        _environment({"INDEX_BACKEND": "tantivy", "OPENSEARCH_URL": ""}),
    ):
        store = DirectoryDocumentStore(Path(folder) / "documents")
        keys = [key for key, body in objects if store.put(key, body)]
        bootstrap.prepare_index()
        ingest = bootstrap.ingest_documents()
        keys.sort(key=lambda key: not is_services_file(key))  # first: then no document is there to be read again
        events = [IngestMessage(bucket=BUCKET, key=key, kind="put") for key in keys]
        for start in range(0, len(events), BATCH):
            for outcome in ingest(events[start : start + BATCH]):
                if outcome.error:
                    refused(outcome.message.key, outcome.error)
        yield


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= values
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
