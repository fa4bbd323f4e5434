"""Artillery, JMeter and Vegeta, fetched once into ``.cache`` by npm, Maven and Go; skipped with a reason elsewhere."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.real_parts import CACHE, program

ARTILLERY, JMETER_PLUGIN, VEGETA = "2.0.34", "3.7.0", "v12.13.0"  # the plugin's 3.8 needs a newer Maven than Debian's
FETCH_SECONDS = 600
RUN_SECONDS = 240
FOLDER = CACHE / "load-tools"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>personal-pipeline</groupId><artifactId>load</artifactId><version>1</version>
  <build><plugins><plugin>
    <groupId>com.lazerycode.jmeter</groupId><artifactId>jmeter-maven-plugin</artifactId><version>{JMETER_PLUGIN}</version>
    <executions>
      <execution><id>configuration</id><goals><goal>configure</goal></goals></execution>
      <execution><id>load</id><goals><goal>jmeter</goal></goals></execution>
    </executions>
  </plugin></plugins></build>
</project>
"""


def run_artillery(script: Path) -> Path:
    """The report, a JSON file."""
    folder = FOLDER / f"artillery-{ARTILLERY}"
    started = folder / "node_modules" / ".bin" / "artillery"
    if not started.is_file():
        npm = program("npm", "Artillery")
        folder.mkdir(parents=True, exist_ok=True)
        _run([npm, "install", "--no-audit", "--no-fund", f"artillery@{ARTILLERY}"], folder, FETCH_SECONDS)
    report = script.with_name("artillery.json")
    _run([str(started), "run", script.name, "--output", report.name], script.parent, RUN_SECONDS)
    return report


def run_jmeter(plan: Path, folder: Path) -> Path:
    """A row for each answer, in a CSV file. ``plan`` has its rows beside it."""
    maven = program("mvn", "JMeter")
    tests = folder / "src" / "test" / "jmeter"
    tests.mkdir(parents=True)
    for file in (plan, *plan.parent.glob("*.csv")):
        shutil.copy(file, tests)
    (folder / "pom.xml").write_text(POM)
    _run([maven, "--quiet", "--batch-mode", "verify"], folder, FETCH_SECONDS)
    (found,) = (folder / "target" / "jmeter" / "results").glob("*.csv")
    return found


def vegeta() -> str:
    """The path of the program, built from source."""
    built = FOLDER / f"vegeta-{VEGETA}" / "vegeta"
    if not built.is_file():
        go = program("go", "Vegeta")
        FOLDER.mkdir(parents=True, exist_ok=True)
        install = [go, "install", f"github.com/tsenart/vegeta/v12@{VEGETA}"]
        _run(install, FOLDER, FETCH_SECONDS, GOBIN=str(built.parent))
    return str(built)


def _run(command: list[str], folder: Path, seconds: float, **more: str) -> None:
    """Nothing is told to the makers of the tools."""
    quiet = {"ARTILLERY_DISABLE_TELEMETRY": "true", "NO_UPDATE_NOTIFIER": "1", "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
    ended = subprocess.run(
        command, cwd=folder, env=os.environ | quiet | more, capture_output=True, text=True, timeout=seconds, check=False
    )
    if ended.returncode:
        raise RuntimeError(
            f"{Path(command[0]).name} ended with {ended.returncode}: {(ended.stdout + ended.stderr)[-2_000:]}"
        )
