"""What people paste from a terminal leads to the runbook that is about it, whatever it is full of."""

import json
from pathlib import Path

import pytest

from personal_pipeline.domain.analysis import MAX_QUERY_TERMS
from tests.functions.world import ROOT, World

PASTED = Path(__file__).parents[1] / "pasted"
DOCUMENTS = ROOT / "events" / "documents"
ABOUT = {
    "broker_topics": "broker/under-replicated-partitions.md",
    "command_with_output": "orders-db/replication-lag.md",
    "curl_verbose": "ingress/tls-certificate-expiring.md",
    "description_of_a_pod": "platform/container-out-of-memory.md",
    "failed_lookup": "dns/dns-lookups-fail.html",
    "go_panic": "storage/object-storage-errors.md",
    "java_stack_trace": "orders-db/too-many-connections.adoc",
    "json_log_line": "cache/redis-memory.rst",
    "list_of_pods": "platform/pod-crash-looping.md",
    "many_frames": "cache/redis-memory.rst",
    "python_traceback": "platform/disk-full-on-a-node.md",
}


@pytest.fixture
def shop(world: World) -> World:
    files = [path for path in sorted(DOCUMENTS.rglob("*")) if path.is_file() and path.suffix != ".yaml"]
    keys = ["documents/_services.yaml", *(f"documents/{path.relative_to(DOCUMENTS)}" for path in files)]
    for key in keys:
        world.put(key, (DOCUMENTS / key.removeprefix("documents/")).read_bytes())
    assert world.ingest(*keys) == {"batchItemFailures": []}
    return world


def found_for(world: World, text: str, most: int = 2) -> list[str]:
    reply = world.post("/v1/search", json.dumps({"q": text, "limit": most}))
    assert reply.status == 200, reply.body
    return [hit["path"] for hit in reply.json["hits"]]


def test_pasted_texts_find_their_runbook_first_or_second_where_they_name_another_service(shop: World) -> None:
    assert {path.stem for path in PASTED.iterdir()} == ABOUT.keys()

    found = {name: found_for(shop, (PASTED / f"{name}.txt").read_text()) for name in ABOUT}

    assert {name for name, about in ABOUT.items() if about not in found[name]} == set()
    assert {name for name, about in ABOUT.items() if about != found[name][0]} <= {"failed_lookup"}


def test_what_is_said_after_eight_thousand_characters_of_noise_still_counts(shop: World) -> None:
    noise = " ".join(f"{n:08x}-{n * 7919:x} 2026-11-27T03:12:{n % 60:02d}Z 10.0.{n % 250}.7:{n}" for n in range(200))

    (first,) = found_for(shop, f"{noise[:7900]} OOMKilled container memory limit", most=1)

    assert first == "platform/container-out-of-memory.md"


def test_a_paste_of_nothing_but_instances_is_an_answer_all_the_same(shop: World) -> None:
    numbers = " ".join(str(n * 7919) for n in range(2 * MAX_QUERY_TERMS))

    assert shop.post("/v1/search", json.dumps({"q": numbers})).status == 200
