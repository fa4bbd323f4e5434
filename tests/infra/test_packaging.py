import sys

import pytest

from infra.environments import MissingToolError, find_python
from infra.local.template import Template
from infra.packaging import LIMIT_BYTES, Package, packages

TEMPLATE = {
    "Globals": {"Function": {"Layers": [{"Ref": "Deps"}]}},
    "Resources": {
        "Deps": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layers/deps"}},
        "Embed": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layers/embed"}},
        "Plain": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "functions/plain"}},
        "Heavy": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "functions/plain", "Layers": [{"Ref": "Embed"}]},
        },
    },
}


def test_a_function_is_added_up_with_the_layers_of_all_and_its_own(tmp_path):
    for name, size in (("functions/plain", 10), ("built/Deps/python/x", 200), ("built/Embed/python", 3000)):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * size)

    found = packages(Template(TEMPLATE, {}, {}), tmp_path, tmp_path / "built")

    assert {package.function: package.total for package in found} == {"Plain": 210, "Heavy": 3210}


@pytest.mark.parametrize(("size", "fits"), [(LIMIT_BYTES - 1, True), (LIMIT_BYTES, False)])
def test_a_package_fits_below_the_limit_of_lambda(size, fits):
    assert Package("Search", {"Search": 0, "Deps": size}).fits is fits


def test_the_python_that_runs_is_found_by_its_version():
    assert find_python(f"{sys.version_info[0]}.{sys.version_info[1]}").is_file()


def test_a_python_that_is_nowhere_is_named_with_what_to_do():
    with pytest.raises(MissingToolError, match=r"no Python 2\.99 .* pyenv install 2\.99"):
        find_python("2.99")
