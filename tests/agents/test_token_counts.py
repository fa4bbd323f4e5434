"""What an answer is taken to cost is what it costs a model at most."""

import base64
import json
import os
import random
import subprocess

import pytest

from personal_pipeline.edge.mcp.budget import compact, tokens
from tests.agents.clients import TYPESCRIPT, installed
from tests.agents.scenario import ROOT, SAMPLES, recorded
from tests.real_parts import program

ALPHABETS = {
    "hexadecimal": "0123456789abcdef",
    "punctuation": "!@#$%^&*()[]{};:'\",.<>/?\\|`~+-=_",
    "emoji": "🧯🚨🔥💥🛠📟⚠✅",
    "chinese": "服务器磁盘已满时请先检查日志目录然后删除旧的日志文件如果无法扩展卷容量",
}
SENTENCES = [
    "服务器磁盘已满时,请先检查日志目录,然后删除旧的日志文件。如果无法删除,请扩展卷的容量。" * 5,
    "Если диск сервера заполнен, сначала проверьте каталог журналов, затем удалите старые файлы." * 5,
    "サーバーのディスクがいっぱいの場合は、まずログディレクトリを確認してください。" * 5,
    "अगर सर्वर की डिस्क भर गई है तो पहले लॉग देखें।" * 5,
    "إذا كان قرص الخادم ممتلئا فتحقق أولا من دليل السجلات." * 5,
]


def texts() -> list[str]:
    """Few of the samples, since these tokenisers are slow; all of them with FULL_COUNTS=1."""
    few = 1 if os.environ.get("FULL_COUNTS") else 5
    rng = random.Random(3)
    found = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(SAMPLES.rglob("*.md"))[::few]]
    found += [path.read_text() for path in sorted((ROOT / "events" / "alerts").rglob("*.json"))[:: 4 * few]]
    answers = [step["answered"] for step in recorded() if step["asked"][0] == "call_tool"]
    found += [part["text"] for answer in answers for part in answer.get("content", ())]
    found += [compact(answer["structured"]) for answer in answers if answer.get("structured")]
    found += ["".join(rng.choices(alphabet, k=200)) for alphabet in ALPHABETS.values()]
    found += [" ".join("".join(rng.choices(alphabet, k=8)) for _ in range(25)) for alphabet in ALPHABETS.values()]
    return [*found, *SENTENCES, base64.b64encode(rng.randbytes(200)).decode()]


@pytest.mark.real
def test_no_text_has_more_tokens_than_are_counted():
    node = program("node", "counting tokens")
    given = json.dumps({"modules": str(installed()), "texts": texts()})
    command = [node, str(TYPESCRIPT / "tokens.mjs")]

    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=True)

    wrong = [
        (text[:60], tokens(text), real)
        for text, real in zip(texts(), json.loads(done.stdout), strict=True)
        if tokens(text) < real
    ]
    assert wrong == []


def test_prose_is_not_counted_many_times_over():
    """Else an answer would be a quarter of what it may be: English has more than four bytes a token."""
    prose = (SAMPLES / "README.md").read_text()

    assert len(prose) / tokens(prose) > 2.5
