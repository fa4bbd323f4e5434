"""Plain text: paragraphs between empty lines. No ending promises structure, so none is guessed."""

from personal_pipeline.domain.parsing.outline import Outline


def read(text: str, begin: int, outline: Outline) -> None:
    start = end = begin
    paragraph: list[str] = []
    for line in [*text[begin:].split("\n"), ""]:
        if line.strip():
            paragraph.append(line)
        else:
            if paragraph:
                outline.block("text", "\n".join(paragraph), start, end - 1)
            paragraph = []
            start = end + len(line) + 1
        end += len(line) + 1
