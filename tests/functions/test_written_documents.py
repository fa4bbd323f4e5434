"""PDFs and Word files through the functions: found and shown as Markdown, and never lost to a broken one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from personal_pipeline import bootstrap, parts
from personal_pipeline.domain.ids import doc_id_of
from tests.functions.world import ENVIRONMENT, ROOT, World
from tests.office.blocks import Block, Code, Heading, Item
from tests.office.pdf_files import pdf, pdf_of
from tests.office.word_files import docx_of

BLOCKS: list[Block] = [
    Heading(1, "Spindle full"),
    Heading(2, "Steps"),
    Item("Look at the spindle:", 0, 1),
    Code("df -h", depth=1),
]
FILES = {"pdf": pdf_of(BLOCKS), "docx": docx_of(BLOCKS)}
BROKEN = {"pdf": FILES["pdf"][:200], "docx": b"PK\x03\x04 broken"}


def found(world: World) -> list[str]:
    return [hit["path"] for hit in world.search("spindle")["hits"]]


@pytest.mark.parametrize("ending", FILES)
def test_it_is_found_and_shown_as_markdown(world: World, ending: str) -> None:
    doc_id = world.has(f"ops/disk.{ending}", FILES[ending])

    assert found(world) == [f"disk.{ending}"]
    document = world.get(f"/v1/documents/{doc_id}").json
    assert document["text"] == "# Spindle full\n\n## Steps\n\n1. Look at the spindle:\n\n   ```\n   df -h\n   ```\n"
    assert (document["title"], document["format"]) == ("Spindle full", "markdown")


@pytest.mark.parametrize("ending", FILES)
def test_its_steps_are_answered(world: World, ending: str) -> None:
    doc_id = world.has(f"ops/disk.{ending}", FILES[ending])

    (step,) = world.get(f"/v1/documents/{doc_id}/procedure").json["steps"]

    assert step["text"] == "Look at the spindle:"
    assert [command["text"] for command in step["commands"]] == ["df -h"]


@pytest.mark.parametrize("ending", FILES)
def test_a_broken_one_is_refused_by_name_and_the_last_good_one_stays(world: World, ending: str) -> None:
    key = f"ops/disk.{ending}"
    doc_id = world.has(key, FILES[ending])
    world.put(key, BROKEN[ending])

    assert world.ingest(key, sequencer="02") == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}

    entry = parts.catalog().entry(doc_id_of(key))
    assert entry is not None
    assert key in entry.error
    assert found(world) == [f"disk.{ending}"]
    assert world.get(f"/v1/documents/{doc_id}").status == 200

    world.has(key, FILES[ending], sequencer="03")
    assert found(world) == [f"disk.{ending}"]


def test_a_broken_one_does_not_hold_back_its_neighbours(world: World) -> None:
    world.put("ops/scan.pdf", pdf([""]))
    for ending, body in FILES.items():
        world.put(f"ops/disk.{ending}", body)

    response = world.ingest("ops/scan.pdf", "ops/disk.pdf", "ops/disk.docx")

    assert response == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    (hit,) = world.search("spindle")["hits"]
    assert {hit["path"], hit["also_at"][0]["path"]} == {"disk.docx", "disk.pdf"}


def test_a_deleted_one_is_found_no_more(world: World) -> None:
    doc_id = world.has("ops/disk.pdf", FILES["pdf"])

    world.removes("ops/disk.pdf", sequencer="02")

    assert found(world) == []
    assert world.get(f"/v1/documents/{doc_id}").status == 404


def test_a_lost_copy_is_made_again(world: World) -> None:
    doc_id = world.has("ops/disk.docx", FILES["docx"])

    restored = bootstrap._restore_document(doc_id)

    assert restored is not None
    assert json.loads(restored.body)["text"] == world.get(f"/v1/documents/{doc_id}").json["text"]


def test_the_function_loads_no_library_of_a_format(tmp_path: Path) -> None:
    """Only the process that parses the files does."""
    script = f"""
import sys
from pathlib import Path
from tests.functions.test_written_documents import FILES
from tests.functions.world import World
world = World(Path({str(tmp_path)!r}))
world.app("ingest")
world.has("ops/disk.docx", FILES["docx"])
world.has("ops/disk.pdf", FILES["pdf"])
world.has("ops/disk.yaml", "kind: Runbook\\ntitle: Disk full\\n")
print(*sys.modules, file=sys.stderr)
"""
    environment = {**os.environ, **ENVIRONMENT, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.split())
    assert "personal_pipeline.services.ingest_documents" in loaded
    assert not {"pypdf", "mammoth", "personal_pipeline.domain.parsing.runbook_file"} & loaded


@pytest.mark.parametrize(
    ("name", "text", "wanted", "unwanted"),
    [
        ("a.md", "# a", {"markdown_it"}, {"pypdf", "mammoth", "pydantic", "docutils", "xml.dom"}),
        ("a.yaml", "kind: Runbook\\ntitle: a\\n", {"pydantic"}, {"pypdf", "mammoth"}),
        ("a.rules.yaml", "groups: []", {"yaml"}, {"pypdf", "mammoth", "pydantic"}),
    ],
)
def test_a_format_loads_its_own_library_alone(name: str, text: str, wanted: set[str], unwanted: set[str]) -> None:
    script = (
        f"import sys; from personal_pipeline.domain.parsing import parse_document; "
        f"parse_document('ops/{name}', b'{text}'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.split())

    assert wanted <= loaded
    assert not unwanted & loaded
