"""The built model is MiniLM, its int8 form ranks like it, and what is wrong with its files is said."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from infra import model
from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder
from personal_pipeline.domain.errors import EmbedderUnavailableError
from tests import minilm_in_numpy
from tests.embedding_model import Models

TEXTS = [
    "disk full",
    "x",
    "",
    "What to do when replication lag of the orders database exceeds five minutes: " * 30,
    "Zertifikat läuft ab — ÜBERPRÜFEN, naïve café",
    "日本語のランブック 🙂 кэш переполнен",
    "kubectl -n payments get pods | grep CrashLoopBackOff; journalctl -u kubelet --since '10 min ago'",
    "[SEP] [MASK] \x00 \u200b ##ing",
]
RUNBOOKS = {
    "disk": "Disk full on a database node. Delete old WAL segments, rotate logs, then grow the volume.",
    "certificate": "TLS certificate about to expire. Renew it with the issuer and restart the ingress controller.",
    "dns": "DNS resolution fails inside the cluster. Check CoreDNS pods, their config map and upstream resolvers.",
    "queue": "Consumer lag of the message broker grows. Scale out consumers, look for poison messages.",
    "memory": "Container killed for lack of memory. Compare the limit with the working set, look for a leak.",
    "login": "Users cannot sign in. Check the identity provider, clock skew and expired client secrets.",
    "latency": "Checkout answers slowly. Look at the slowest database queries and the connection pool.",
    "backup": "Nightly backup failed. Run it by hand, verify that the snapshot can be restored.",
    "replica": "Replication lag of PostgreSQL. Check long transactions, network and the replica's disk.",
    "payment": "The payment provider declines all cards. Switch to the fallback provider and tell finance.",
    "deploy": "Roll back a bad release: pin the previous image, pause the pipeline, tell the team.",
    "ddos": "Unusual traffic at the edge. Turn on rate limits and block the offending networks.",
}
QUERIES = {
    "no space left on device": "disk",
    "x509: certificate has expired": "certificate",
    "could not resolve host": "dns",
    "kafka consumer group is falling behind": "queue",
    "OOMKilled": "memory",
    "single sign-on is broken, nobody can log in": "login",
    "the shop is slow when people pay": "latency",
    "snapshot job did not run last night": "backup",
    "standby is minutes behind the primary": "replica",
    "card payments are refused": "payment",
    "how to undo the last deployment": "deploy",
    "we are under attack, too many requests": "ddos",
}

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def embedder(models: Models) -> OnnxEmbedder:
    return OnnxEmbedder(models.int8)


@pytest.fixture(scope="module")
def exact(models: Models) -> OnnxEmbedder:
    return OnnxEmbedder(models.float32)


def vectors(embedder: OnnxEmbedder, texts: Any) -> Any:
    return np.array(embedder.embed(list(texts)))


def test_the_graph_is_minilm(models: Models, exact: OnnxEmbedder) -> None:
    weights = load_file(models.float32 / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(models.float32 / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)

    defined = [minilm_in_numpy.embedding(weights, tokenizer.encode(text).ids) for text in TEXTS]

    assert (vectors(exact, TEXTS) * defined).sum(axis=1).min() > 0.99999


def test_padding_changes_nothing_before_quantisation(models: Models, exact: OnnxEmbedder) -> None:
    session = onnxruntime.InferenceSession(models.float32 / "model.onnx", providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(models.float32 / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(256)
    encoded = tokenizer.encode_batch(TEXTS)
    ids, mask = np.array([one.ids for one in encoded]), np.array([one.attention_mask for one in encoded])

    (batch,) = session.run(None, {"input_ids": ids, "attention_mask": mask})

    assert (batch * vectors(exact, TEXTS)).sum(axis=1).min() > 0.99999


def test_eight_bits_stay_close(embedder: OnnxEmbedder, exact: OnnxEmbedder) -> None:
    texts = [text for text in (*TEXTS, *RUNBOOKS.values(), *QUERIES) if len(text) > 1]  # next to nothing drifts further

    cosines = (vectors(embedder, texts) * vectors(exact, texts)).sum(axis=1)

    assert cosines.min() > 0.98
    assert cosines.mean() > 0.99


def test_eight_bits_rank_alike(embedder: OnnxEmbedder, exact: OnnxEmbedder) -> None:
    scores, exact_scores = (vectors(one, QUERIES) @ vectors(one, RUNBOOKS.values()).T for one in (embedder, exact))

    first = np.take_along_axis(exact_scores, scores.argmax(axis=1)[:, None], axis=1)[:, 0]
    assert (exact_scores.max(axis=1) - first).max() < 0.03  # another one is first only where two were as good
    best, exact_best = (np.argsort(-one, axis=1)[:, :5] for one in (scores, exact_scores))
    shared = [len(set(mine) & set(theirs)) / 5 for mine, theirs in zip(best, exact_best, strict=True)]
    assert sum(shared) / len(shared) > 0.85


def test_the_right_runbook_is_near_without_a_shared_word(embedder: OnnxEmbedder) -> None:
    scores = vectors(embedder, QUERIES) @ vectors(embedder, RUNBOOKS.values()).T

    names = list(RUNBOOKS)
    nearest = [{names[place] for place in row[:2]} for row in np.argsort(-scores, axis=1)]
    assert [right for right, found in zip(QUERIES.values(), nearest, strict=True) if right not in found] == []


def test_more_threads_give_the_same_vectors(models: Models, embedder: OnnxEmbedder) -> None:
    assert (vectors(OnnxEmbedder(models.int8, threads=2), TEXTS) * vectors(embedder, TEXTS)).sum(axis=1).min() > 0.99999


def test_many_callers_at_once_load_the_model_once(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    opens = OnnxEmbedder._open
    monkeypatch.setattr(OnnxEmbedder, "_open", lambda self: opened.append(1) or opens(self))
    embedder = OnnxEmbedder(models.int8)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.extend(embedder.embed(TEXTS[:3]))) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(opened) == 1
    assert {vector.tobytes() for vector in found} == {vector.tobytes() for vector in embedder.embed(TEXTS[:3])}


@pytest.mark.parametrize("damage", ["folder", "model.onnx", "tokenizer.json", "cut model.onnx", "cut tokenizer.json"])
def test_missing_or_damaged_files_say_what_to_do(models: Models, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(models.int8, folder)
    verb, _, name = damage.rpartition(" ")
    if damage == "folder":
        shutil.rmtree(folder)
    elif verb:
        (folder / name).write_bytes((folder / name).read_bytes()[:200_000])
    else:
        (folder / name).unlink()

    with pytest.raises(EmbedderUnavailableError, match="make model") as raised:
        OnnxEmbedder(folder).embed(["disk"])
    assert str(folder) in str(raised.value)


def test_another_model_is_not_taken_for_this_one(models: Models, tmp_path: Path) -> None:
    tokens = onnx.helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["texts", "tokens"])
    mask = onnx.helper.make_tensor_value_info("attention_mask", onnx.TensorProto.INT64, ["texts", "tokens"])
    output = onnx.helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, ["texts", "tokens"])
    node = onnx.helper.make_node("Cast", ["input_ids"], ["embedding"], to=onnx.TensorProto.FLOAT)
    graph = onnx.helper.make_graph([node], "another", [tokens, mask], [output])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "model.onnx")
    shutil.copy(models.int8 / "tokenizer.json", tmp_path)

    with pytest.raises(EmbedderUnavailableError, match="have 2 numbers, not 384"):
        OnnxEmbedder(tmp_path).embed(["disk"])


def test_a_model_that_came_later_is_found(models: Models, tmp_path: Path) -> None:
    embedder = OnnxEmbedder(tmp_path / "model")
    with pytest.raises(EmbedderUnavailableError):
        embedder.embed(["disk"])

    shutil.copytree(models.int8, tmp_path / "model")

    assert len(embedder.embed(["disk"])) == 1


def test_nothing_is_imported_before_the_first_text(models: Models) -> None:
    script = (
        "import sys; from pathlib import Path; from personal_pipeline.adapters.onnx_embedder import OnnxEmbedder; "
        "OnnxEmbedder(Path('.')); print(*({'numpy', 'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""


def test_a_model_that_is_up_to_date_is_not_built_again(models: Models) -> None:
    before = (models.int8 / "model.onnx").stat().st_mtime_ns

    assert model.build(is_float32_wanted=True) is False
    assert (models.int8 / "model.onnx").stat().st_mtime_ns == before


def test_where_the_model_comes_from_is_said_beside_it(models: Models) -> None:
    assert "Apache License 2.0" in (models.int8 / "NOTICE").read_text()
