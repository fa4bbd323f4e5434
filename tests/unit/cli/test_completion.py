import shutil
import subprocess
import sys

import pytest

from tests.unit.cli.conftest import Pp


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_a_script_that_asks_the_command(pp: Pp, shell: str) -> None:
    ran = pp("completion", shell)

    assert ran.code == 0
    assert f"_PP_COMPLETE={shell}_complete" in ran.out


def test_a_shell_that_is_not_known_is_refused(pp: Pp) -> None:
    assert pp("completion", "cmd").code == 2


def test_what_the_script_asks_is_answered() -> None:
    asked = {"_PP_COMPLETE": "bash_complete", "COMP_WORDS": "pp run", "COMP_CWORD": "1", "PATH": "/usr/bin:/bin"}

    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'pp'; from infra.cli.main import main; main()"],
        env={**asked, "PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.stdout.split() == ["plain,run-through"]


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash to read the script")
def test_bash_can_read_the_script(pp: Pp) -> None:
    script = pp("completion", "bash").out

    subprocess.run(["bash", "-n"], input=script, text=True, timeout=60, check=True)
