"""Shows notices on the terminal of the one-machine system."""

import sys
from typing import TextIO

from personal_pipeline.domain.notice_text import notice_lines
from personal_pipeline.domain.notices import Notice


class TerminalTarget:
    """Lines that were printed stay: an update is printed below them, and says that it is one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def send(self, notice: Notice, delivery_id: str, handle: str) -> str:  # noqa: ARG002  # as the port has it
        self._stream.write("\n".join(notice_lines(notice)) + "\n")
        self._stream.flush()
        return "printed"
