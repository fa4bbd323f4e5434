"""Letters that were drawn at places of a page, as lines in reading order, and where the cells of tables begin."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

ONLY_MARK = re.compile(r"(?:\d{1,3}[.)]|[•◦▪‣●○■□–·∙-])$")
_ODD_NUMBER = re.compile(r"\(?(\d{1,3})\)?$")
_ODD_BULLET = re.compile("[o\ue000-\uf8ff§¨Øüv]?$")  # of fonts that have pictures for letters
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
_DIGITS = re.compile(r"\d+")
_COLUMN = 8  # font sizes up the page that a cell may begin above the last line; more is another column of the page
SAME = 2.0  # points: places that are meant to be the same
_MARGIN = 0.12  # of the page's height, where headers and footers stand
_REPEATED = 3  # pages
_MARKER = 3.0  # sizes from a marker to its text, at most
MONOSPACED_WIDTH = 0.6  # of the size


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters that were drawn at once; ``y`` counts from the bottom of the page, sizes are points."""

    text: str
    x: float
    y: float
    size: float
    is_code: bool
    is_bold: bool


@dataclass(slots=True)
class Line:
    y: float
    page: int
    pieces: list[Piece] = field(default_factory=list)

    @property
    def x(self) -> float:
        return self.pieces[0].x

    @property
    def size(self) -> float:
        """Of most of its letters: a bullet may be larger than the text."""
        return max(self.pieces, key=lambda piece: len(piece.text.strip())).size

    @property
    def text(self) -> str:
        return " ".join("".join(piece.text for piece in self.pieces).split())

    @property
    def is_code(self) -> bool:
        return all(piece.is_code for piece in self.pieces)

    @property
    def is_bold(self) -> bool:
        return all(piece.is_bold for piece in self.pieces)


def lines_of(pieces: Sequence[Piece], page: int) -> Iterator[Line]:
    """In reading order: cells are drawn one after another, each with its own lines, and stand beside each other."""
    flow: list[Line] = []
    for piece in pieces:
        beside = next((line for line in reversed(flow[-30:]) if abs(line.y - piece.y) < 0.35 * piece.size), None)
        if beside is not None and (flow[-1] is beside or piece.y - flow[-1].y < _COLUMN * piece.size):
            beside.pieces.append(piece)
            continue
        if flow and piece.y - flow[-1].y > _COLUMN * piece.size:
            yield from _sorted(flow)
            flow = []
        flow.append(Line(piece.y, page, [piece]))
    yield from _sorted(flow)


def _sorted(flow: list[Line]) -> Iterator[Line]:
    for line in sorted(flow, key=lambda line: -line.y):
        line.pieces.sort(key=lambda piece: piece.x)
        line.pieces[:1] = [_plain_marker(line.pieces)]
        yield line


def _plain_marker(pieces: Sequence[Piece]) -> Piece:
    """The marker of an item as it is usually written, where it is a piece of its own just before the text."""
    first = pieces[0]
    mark = first.text.strip()
    if len(pieces) < 2 or not 0.9 < (pieces[1].x - first.x) / pieces[1].size < _MARKER:
        return first  # no marker, or a letter of a word that is drawn letter by letter
    if number := _ODD_NUMBER.match(mark):
        return replace(first, text=f"{number[1]}. ", is_code=False)
    return replace(first, text="• ", is_code=False) if _ODD_BULLET.match(mark) else first


def without_margins(lines: list[Line], heights: list[float]) -> list[Line]:
    """Headers, footers and page numbers: the same words but for their digits, at the same place of several pages."""

    def place(line: Line) -> tuple[str, int] | None:
        height = heights[line.page]
        if _MARGIN * height < line.y < (1 - _MARGIN) * height or _NUMBERED.match(line.text):
            return None  # steps may say the same, too
        return _DIGITS.sub("#", line.text), round(line.y / 4)

    pages_of = Counter(found for found in {(place(line), line.page) for line in lines} if found[0])
    seen = Counter(where for where, _ in pages_of)
    most = max(_REPEATED, len(heights) // 2)
    return [line for line in lines if (where := place(line)) is None or seen[where] < most]


def is_near(line: Line, following: Line) -> bool:
    return line.page == following.page and 0 < line.y - following.y < 4 * following.size


def is_item(line: Line) -> bool:
    """A marker and its text; a row of a table may begin with its number, and has more."""
    return len(columns_of(line.pieces)) <= 2 and ONLY_MARK.match(line.pieces[0].text.strip()) is not None


def rows_of(lines: Sequence[Line], columns: Sequence[float]) -> list[list[Line]]:
    """Cells of a row may begin at different heights: then the space between rows is wider than within them."""
    gaps = [above.y - below.y for above, below in pairwise(lines)]
    between = (min(gaps) + max(gaps)) / 2 if gaps and max(gaps) > 1.25 * min(gaps) else 0.0
    rows: list[list[Line]] = []
    for number, line in enumerate(lines):
        begins = gaps[number - 1] >= between if number and between else place_of(line.pieces[0], columns) == 0
        if begins or not rows:
            rows.append([])
        rows[-1].append(line)
    return rows


def filled(row: Sequence[Line], columns: Sequence[float]) -> set[int]:
    return {place_of(piece, columns) for line in row for piece in line.pieces}


def shared_columns(lines: Sequence[Line]) -> list[float]:
    """Where the cells of more than one line begin, the first of them leftmost."""
    starts = sorted(x for line in lines for x in columns_of(line.pieces))
    groups: list[list[float]] = []
    for x in starts:
        if groups and x - groups[-1][0] < SAME:
            groups[-1].append(x)
        else:
            groups.append([x])
    shared = [group[0] for group in groups if len(group) > 1]
    return [x for n, x in enumerate(shared) if not n or x - shared[n - 1] > 2 * lines[0].size]


def place_of(piece: Piece, columns: Sequence[float]) -> int:
    return max((number for number, x in enumerate(columns) if x <= piece.x + SAME), default=0)


def crosses(piece: Piece, column: float) -> bool:
    return piece.x < column - SAME and piece.x + 0.9 * _width(piece) > column + SAME


def _width(piece: Piece) -> float:
    """A guess: what a letter is wide on average."""
    return len(piece.text.rstrip()) * piece.size * (MONOSPACED_WIDTH if piece.is_code else 0.5)


def columns_of(pieces: Sequence[Piece]) -> list[float]:
    """Where cells begin: a piece that stands well right of the end of the one before. Widths are guessed."""
    found = [pieces[0].x]
    for before, piece in pairwise(pieces):
        if piece.x - before.x > _width(before) + 0.8 * piece.size:
            found.append(piece.x)
    return found
