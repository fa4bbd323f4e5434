"""Writes the OpenAPI document that the search function serves: ``python -m infra.openapi``.

Made from the routes of the functions themselves, so that it cannot say something else than they do.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from infra.openapi_examples import examples
from personal_pipeline import __version__

ROOT = Path(__file__).parent.parent
PUBLISHED = ROOT / "functions" / "search" / "openapi.json"
DESCRIPTION = "Finds the right runbook for an alert, a question or an agent."
# Enough for the functions to be imported; nothing is opened before the first request.
ENVIRONMENT = {
    "STORAGE": "local",
    "INDEX_BACKEND": "tantivy",
    "CATALOG_TABLE": "catalog",
    "CACHE_TABLE": "cache",
    "ACTIVITY_TABLE": "activity",
    "DOCUMENTS_BUCKET": "documents",
    "WEBHOOK_SECRET_NAME": "webhook-secret",
    "POWERTOOLS_SERVICE_NAME": "openapi",
    "POWERTOOLS_METRICS_NAMESPACE": "PersonalPipeline",
}


def generate() -> dict[str, Any]:
    """The routes of every function that has any, in one document."""
    os.environ |= {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    document: dict[str, Any] = {}
    for name in ("search", "alert_intake", "slack"):
        part = json.loads(
            _app(name).api.get_openapi_json_schema(
                title="Personal Pipeline", version=__version__, description=DESCRIPTION
            )
        )
        if document:
            document["paths"] |= part["paths"]
        else:
            document = part
    _drop_framework_answers(document)
    for path, shown in examples().items():
        for content_type, example in shown.items():
            document["paths"][path]["get"]["responses"]["200"]["content"][content_type]["example"] = example
    return document


def _drop_framework_answers(document: dict[str, Any]) -> None:
    """The framework describes a 422 of its own; what is answered is the problem body of a 400."""
    for path in document["paths"].values():
        for operation in path.values():
            if "application/problem+json" not in operation["responses"].get("422", {}).get("content", {}):
                operation["responses"].pop("422", None)
            if "202" in operation["responses"]:
                operation["responses"].pop("200", None)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _app(function: str) -> ModuleType:
    path = ROOT / "functions" / function / "app.py"
    spec = importlib.util.spec_from_file_location(f"openapi_{function}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    PUBLISHED.write_text(json.dumps(generate(), indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"wrote {PUBLISHED.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
