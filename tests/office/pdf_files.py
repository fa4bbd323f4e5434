"""A PDF as word processors print it: a page of letters at places, in the fonts that every reader has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.office.blocks import Block, Code, Heading, Item, Paragraph, Run, Table, runs

WIDTH, HEIGHT, MARGIN = 595, 842, 56
FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Courier"}
_SIZES = {1: 20, 2: 15, 3: 12.5}
_TEXT, _CODE, _INDENT = 10.5, 9.5, 18
# Of Helvetica, in thousandths of the size: enough to break lines where they would be too long.
_NARROW, _WIDE, _USUAL = 270, 800, 540


@dataclass
class _Place:
    y: float = HEIGHT - MARGIN


def pdf_of(blocks: Sequence[Block], footer: str = "") -> bytes:
    """With a footer on every page, if one is given, that counts the pages."""
    return pdf([_stream(page, footer, number) for number, page in enumerate(_laid_out(blocks), start=1)])


def pdf(pages: Sequence[str], catalog: str = "", extra: Sequence[str] = (), encrypt: str = "") -> bytes:
    """Around the content of each page; ``extra`` objects are numbered after those of the pages."""
    first = 3 + len(FONTS)
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    fonts = " ".join(f"/{name} {3 + n} 0 R" for n, name in enumerate(FONTS))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog}>>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        *(f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>" for font in FONTS.values()),
    ]
    for number, content in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << /Font << {fonts} >> >> "
            f"/Contents {first + 2 * number + 1} 0 R >>"
        )
        size = len(content.encode("cp1252", "replace"))
        objects.append(f"<< /Length {size} >>\nstream\n{content}\nendstream")
    return assembled(
        [*objects, *extra], {"Root": "1 0 R"} | ({"Encrypt": encrypt, "ID": "[<00> <00>]"} if encrypt else {})
    )


def assembled(objects: Sequence[str | bytes], trailer: Mapping[str, str]) -> bytes:
    made = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        body = content if isinstance(content, bytes) else content.encode("cp1252", "replace")
        made += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    named = " ".join(f"/{name} {value}" for name, value in trailer.items())
    return bytes(made) + f"trailer\n<< /Size {len(objects) + 1} {named} >>\nstartxref\n{table}\n%%EOF\n".encode()


def shown(x: float, y: float, font: str, size: float, text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf 1 0 0 1 {x:.1f} {y:.1f} Tm ({escaped}) Tj ET"


def _stream(operators: Sequence[str], footer: str, number: int) -> str:
    below = [shown(MARGIN, 30, "F1", 8, f"{footer}, page {number}")] if footer else []
    return "\n".join([*operators, *below])


def _laid_out(blocks: Sequence[Block]) -> list[list[str]]:
    pages: list[list[str]] = [[]]
    place = _Place()
    for block in blocks:
        lines = list(_block(block))
        needed = sum(height for height, _ in lines[:3])
        if place.y - needed < MARGIN:
            pages.append([])
            place.y = HEIGHT - MARGIN
        for height, pieces in lines:
            if place.y - height < MARGIN:
                pages.append([])
                place.y = HEIGHT - MARGIN
            place.y -= height
            pages[-1] += [shown(x, place.y, font, size, text) for x, font, size, text in pieces]
    return pages


type_of_piece = tuple[float, str, float, str]


def _block(block: Block) -> list[tuple[float, list[type_of_piece]]]:
    """Lines, each with its height and the pieces on it."""
    match block:
        case Heading(level, text):
            size = _SIZES.get(level, 11.5)
            return [(size * 2, [(MARGIN, "F2", size, text)])]
        case Paragraph(text, depth):
            return _spaced(_wrapped(runs(text), MARGIN + depth * _INDENT))
        case Item(text, depth, number):
            x = MARGIN + depth * _INDENT
            lines = _wrapped(runs(text), x + _INDENT)
            lines[0][1].insert(0, (x, "F1", _TEXT, f"{number}." if number else "\u2022"))
            return _spaced(lines)
        case Code(text, _, depth):
            x = MARGIN + depth * _INDENT
            lines = [(_CODE * 1.2, [(x, "F3", _CODE, line)] if line else []) for line in text.split("\n")]
            return _spaced(lines)
        case Table(rows):
            return _rows(rows)


def _spaced(lines: list[tuple[float, list[type_of_piece]]]) -> list[tuple[float, list[type_of_piece]]]:
    return [(lines[0][0] + 7, lines[0][1]), *lines[1:]]


def _rows(rows: Sequence[Sequence[str]]) -> list[tuple[float, list[type_of_piece]]]:
    width = (WIDTH - 2 * MARGIN) / max(map(len, rows))
    lines: list[tuple[float, list[type_of_piece]]] = []
    for number, row in enumerate(rows):
        cells = [_wrapped(runs(cell), MARGIN + n * width, width - 12, bold=not number) for n, cell in enumerate(row)]
        for line in range(max(map(len, cells))):
            pieces = [piece for cell in cells if line < len(cell) for piece in cell[line][1]]
            lines.append((_TEXT * (1.2 if line else 2), pieces))
    return lines


def _wrapped(
    parts: Sequence[Run], x: float, width: float = 0, *, bold: bool = False
) -> list[tuple[float, list[type_of_piece]]]:
    most = width or WIDTH - MARGIN - x
    lines: list[list[type_of_piece]] = [[]]
    at = 0.0
    for run in parts:
        font = "F3" if run.is_code else "F2" if bold else "F1"
        size = _CODE if run.is_code else _TEXT
        for word in run.text.replace(" ", " \0").split("\0"):
            wide = _width(word, run.is_code) * size
            if at and at + _width(word.rstrip(), run.is_code) * size > most:
                lines.append([])
                at = 0.0
            if lines[-1] and lines[-1][-1][1] == font:
                before = lines[-1][-1]
                lines[-1][-1] = (before[0], font, size, before[3] + word)
            else:
                lines[-1].append((x + at, font, size, word))
            at += wide
    return [(_TEXT * 1.3, line) for line in lines]


def _width(text: str, is_code: bool) -> float:
    if is_code:
        return 0.6 * len(text)
    return sum(_NARROW if c in "fijlrt.,:;'! ()[]|" else _WIDE if c in "mwMW@%" else _USUAL for c in text) / 1000
