"""The official clients, each asked the same over HTTP or through ``pp mcp``."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

from tests.agents.scenario import ROOT, Step
from tests.real_parts import CACHE, program, unavailable

TYPESCRIPT = Path(__file__).with_name("typescript")
INSTALL_SECONDS = 300
ASK_SECONDS = 120
PIPE = [sys.executable, "-m", "infra.cli.main", "mcp"]


@dataclass(frozen=True)
class Answers:
    answers: list[Any]
    complaints: tuple[str, ...] = ()
    version: str = ""


Asked = Callable[[str, str, list[Step]], Answers]


def pipe_environment(url: str) -> dict[str, str]:
    """What the client hands to the process that it starts: it keeps most of its own environment to itself."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return {**inherited, "PP_URL": url.removesuffix("/mcp")}


# ── Python ──────────────────────────────────────────────────────────────────


def python_over_http(url: str, mode: str, steps: list[Step]) -> Answers:
    return asyncio.run(_asked(url, mode, steps))


def python_over_stdio(url: str, mode: str, steps: list[Step]) -> Answers:
    command, *arguments = PIPE
    pipe = StdioServerParameters(command=command, args=arguments, env=pipe_environment(url), cwd=ROOT)
    return asyncio.run(_asked(stdio_client(pipe), mode, steps))


async def _asked(server: Any, mode: str, steps: list[Step]) -> Answers:
    async with Client(server, mode=mode) as client:
        answers = [await _step(client, *step) for step in steps]
        return Answers(answers, version=client.protocol_version)


async def _step(client: Client, call: str, *args: Any) -> Any:
    try:
        return await getattr(_Python(client), call)(*args)
    except MCPError as error:
        return {"error": error.code}


class _Python:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def list_tools(self) -> Any:
        return _plain((await self._client.list_tools()).tools)

    async def list_resources(self) -> Any:
        return _plain((await self._client.list_resources()).resources)

    async def list_templates(self) -> Any:
        return _plain((await self._client.list_resource_templates()).resource_templates)

    async def list_prompts(self) -> Any:
        return _plain((await self._client.list_prompts()).prompts)

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> Any:
        result = await self._client.call_tool(name, arguments)
        return {
            "failed": result.is_error,
            "content": _plain(result.content),
            "structured": result.structured_content,
        }

    async def read_resource(self, uri: str) -> Any:
        return _plain((await self._client.read_resource(uri)).contents)

    async def get_prompt(self, name: str, arguments: dict[str, str]) -> Any:
        return _plain((await self._client.get_prompt(name, arguments)).messages)

    async def complete(self, ref: dict[str, str], name: str, value: str) -> Any:
        kind = PromptReference if ref["type"] == "ref/prompt" else ResourceTemplateReference
        result = await self._client.complete(kind.model_validate(ref), {"name": name, "value": value})
        return result.completion.values


def _plain(models: Any) -> Any:
    return [model.model_dump(mode="json", by_alias=True, exclude_none=True) for model in models]


# ── TypeScript ──────────────────────────────────────────────────────────────


def typescript_over_http(sdk: str) -> Asked:
    return lambda url, mode, steps: _typescript(sdk, mode, steps, url=url)


def typescript_over_stdio(sdk: str) -> Asked:
    command, *arguments = PIPE

    def asked(url: str, mode: str, steps: list[Step]) -> Answers:
        return _typescript(sdk, mode, steps, command=command, args=arguments, env=pipe_environment(url))

    return asked


def _typescript(sdk: str, mode: str, steps: list[Step], **server: Any) -> Answers:
    node = program("node", "the TypeScript client of the Model Context Protocol")
    given = {"sdk": sdk, "mode": mode, "steps": steps, "modules": str(installed()), **server}
    command = [node, str(TYPESCRIPT / "client.mjs")]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, timeout=ASK_SECONDS, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return Answers(said["answers"], tuple(said["complaints"]))


@cache
def installed() -> Path:
    """Where its packages are, as the lock file has them; fetched once."""
    npm = program("npm", "the TypeScript client of the Model Context Protocol")
    lock = (TYPESCRIPT / "package-lock.json").read_bytes()
    folder = CACHE / "mcp-clients" / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "done").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(TYPESCRIPT / name, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        if done.returncode:
            unavailable(f"npm could not fetch the TypeScript client: {done.stderr.strip()[-300:]}")
        (folder / "done").touch()
    return folder
