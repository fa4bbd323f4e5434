"""DynamoDB Local, fetched from Maven Central once and started on a free loopback port for a test run."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real_parts import CACHE, MAVEN_SECONDS, free_port, program, stop, unavailable

VERSION = "3.3.1"
START_SECONDS = 60
HOME = CACHE / f"dynamodb-local-{VERSION}"
LAUNCHER = Path(__file__).with_name("DynamoDBLocalOnLoopback.java")
POM = f"""
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>dynamodb-local</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


@contextmanager
def running() -> Iterator[str]:
    """The endpoint's URL, while it runs."""
    java = program("java", "DynamoDB Local")
    program("javac", "the loopback launcher of DynamoDB Local")
    jars = _jars()
    port = free_port()
    log = HOME / "server.log"
    command = [java, "-Xmx512m", "-cp", f"{jars}/*", str(LAUNCHER)]
    command += ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=HOME)
    try:
        _wait(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def _jars() -> Path:
    jars, complete = HOME / "lib", HOME / "complete"
    if not complete.exists():
        maven = program("mvn", "fetching DynamoDB Local")
        HOME.mkdir(parents=True, exist_ok=True)
        (HOME / "pom.xml").write_text(POM)
        fetched = subprocess.run(
            [maven, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={jars}"],
            cwd=HOME,
            capture_output=True,
            text=True,
            timeout=MAVEN_SECONDS,
            check=False,
        )
        if fetched.returncode:
            unavailable(f"DynamoDB Local could not be fetched from Maven: {fetched.stdout[-500:]}")
        complete.touch()
    return jars


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    unavailable(f"DynamoDB Local did not start: {log.read_text(errors='replace')[-500:]}")
