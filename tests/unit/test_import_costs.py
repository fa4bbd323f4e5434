"""What is imported at start is what is used: the embedded parts need no AWS library, and no client needs boto3."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EMBEDDED = (
    "sqlite.catalog",
    "sqlite.cache",
    "sqlite.activity",
    "sqlite.queue",
    "directory_document_store",
    "secrets",
)
AWS = (
    "dynamodb.catalog",
    "dynamodb.cache",
    "dynamodb.activity",
    "sqs_queue",
    "s3_document_store",
    "aws_clients",
    "bedrock_embedder",
)


def imported_by(modules: tuple[str, ...]) -> set[str]:
    lines = [f"import personal_pipeline.adapters.{module}" for module in modules]
    script = "\n".join([*lines, "import sys", "print(*{name.partition('.')[0] for name in sys.modules})"])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def imported_by_function(name: str) -> set[str]:
    script = (
        "import os, runpy, sys; from infra import openapi; os.environ |= openapi.ENVIRONMENT; "
        f"runpy.run_path('functions/{name}/app.py'); print(*{{name.partition('.')[0] for name in sys.modules}})"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ROOT.glob("functions/*/app.py")))
def test_only_the_function_of_mcp_imports_its_library(name: str) -> None:
    library = {"mcp", "mcp_types", "starlette", "uvicorn", "httpx2", "jsonschema"}

    assert bool(imported_by_function(name) & library) is (name == "mcp")


@pytest.mark.parametrize(
    ("modules", "needed", "unwanted"),
    [
        (EMBEDDED, "sqlite3", {"boto3", "botocore", "urllib3", "pydantic", "aws_lambda_powertools"}),
        (AWS, "botocore", {"boto3", "s3transfer", "sqlite3", "pydantic", "aws_lambda_powertools"}),
    ],
    ids=["embedded", "aws"],
)
def test_nothing_is_imported_that_is_not_used(modules: tuple[str, ...], needed: str, unwanted: set[str]) -> None:
    imported = imported_by(modules)

    assert needed in imported
    assert not imported & unwanted
