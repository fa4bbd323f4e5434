"""Builds what is deployed, and adds up each function with its layers: Lambda takes 250 MB unzipped, not more.

``build`` runs ``sam build`` with the Python that Lambda runs. ``sizes`` needs neither SAM nor that Python: it
runs the same layer recipes for the wanted processor.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from infra.environments import LAMBDA_PYTHON, PROJECT, MissingToolError, find_python, prepare
from infra.local.template import Template

LIMIT_BYTES = 250 * 1024 * 1024
MEGABYTE = 1024 * 1024
LARGEST = {"Embedder": "onnx"}  # the choice with the most layers
PSEUDO = {"AWS::Region": "us-east-1", "AWS::AccountId": "000000000000", "AWS::Partition": "aws", "AWS::StackName": "x"}


@click.group(help=__doc__)
def cli() -> None:
    pass


class Architecture(StrEnum):
    ARM64 = "arm64"
    X86_64 = "x86_64"


@dataclass(frozen=True)
class Package:
    """One function as Lambda unpacks it: bytes by layer, its own code under its own name."""

    function: str
    parts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def fits(self) -> bool:
        return self.total < LIMIT_BYTES


def sam_build(architecture: Architecture, target: Path, project: Path = PROJECT) -> None:
    sam = prepare("sam")
    path = os.pathsep.join([str(find_python(LAMBDA_PYTHON).parent), str(sam), os.environ["PATH"]])
    parameters = ["--parameter-overrides", f"Architecture={architecture}"]
    command = [str(sam / "sam"), "build", "--build-dir", str(target.absolute()), *parameters]
    given = {"ARCHITECTURE": architecture.value, "PATH": path, "SAM_CLI_TELEMETRY": "0"}
    # `make test PYTHON=...` would hand its PYTHON down to the layers' recipes, which need Lambda's.
    inherited = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKEOVERRIDES"}}
    subprocess.run(command, cwd=project, env=inherited | given, check=True)


def build_layers(template: Template, project: Path, architecture: Architecture, target: Path) -> None:
    """What ``sam build`` does for a layer: its ``build-`` recipe, with the folder to fill."""
    try:
        python = find_python(LAMBDA_PYTHON)
    except MissingToolError:
        python = Path(sys.executable)  # compiled files of another version are about as large
    for layer, folder in _layers(template).items():
        given = [f"ARTIFACTS_DIR={target / layer}", f"ARCHITECTURE={architecture}", f"PYTHON={python}"]
        (target / layer).mkdir(parents=True)
        subprocess.run(["make", "--silent", "-C", project / folder, f"build-{layer}", *given], check=True)


def packages(template: Template, project: Path, layers: Path) -> list[Package]:
    """``layers`` holds a folder for each layer, as built."""
    sizes = {layer: _bytes(layers / layer) for layer in _layers(template)}
    found = []
    for name, resource in template.resources.items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        shared, properties = template.value([template.function_globals, resource["Properties"]])
        own = {name: _bytes(project / properties["CodeUri"])}
        layers_of_it = [*shared.get("Layers", []), *properties.get("Layers", [])]  # SAM adds its lists to the shared
        found.append(Package(name, own | {layer: sizes[layer] for layer in layers_of_it}))
    return found


def _layers(template: Template) -> dict[str, str]:
    return {
        name: resource["Properties"]["ContentUri"]
        for name, resource in template.resources.items()
        if resource["Type"] == "AWS::Serverless::LayerVersion"
    }


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _architecture(command: Callable[..., None]) -> Callable[..., None]:
    choices = [each.value for each in Architecture]
    return click.option(
        "--architecture", type=click.Choice(choices), default=Architecture.ARM64.value, help="Processor to build for"
    )(command)


@cli.command()
@_architecture
@click.option(
    "--target", type=click.Path(path_type=Path), default=PROJECT / ".aws-sam" / "build", help="Folder to fill"
)
def build(architecture: str, target: Path) -> None:
    """Build all functions and layers. Example: python -m infra.packaging build --architecture x86_64"""
    try:
        sam_build(Architecture(architecture), target)
    except MissingToolError as error:
        sys.exit(str(error))


@cli.command()
@_architecture
def sizes(architecture: str) -> None:
    """Print the size of each function with its layers; fails when one is too large for Lambda."""
    template = Template.read(PROJECT / "template.yaml", LARGEST, PSEUDO)
    target = PROJECT / "build" / "sizes" / architecture
    shutil.rmtree(target, ignore_errors=True)
    build_layers(template, PROJECT, Architecture(architecture), target)
    found = packages(template, PROJECT, target)
    table = Table(title=f"MB unzipped for {architecture}, of {LIMIT_BYTES // MEGABYTE}")
    layers = list(_layers(template))
    for heading in ("function", "own", *layers, "in all"):
        table.add_column(heading, justify="left" if heading == "function" else "right")
    for package in found:
        parts = [package.parts.get(part, 0) / MEGABYTE for part in (package.function, *layers)]
        table.add_row(package.function, *(f"{part:.1f}" for part in parts), f"{package.total / MEGABYTE:.1f}")
    Console().print(table)
    if too_large := [package.function for package in found if not package.fits]:
        sys.exit(f"too large for Lambda: {', '.join(too_large)}; take something out of their layers")


if __name__ == "__main__":
    cli()
