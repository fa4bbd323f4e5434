"""From letters at places to headings, paragraphs, lists, code and tables.

Larger or bold lines are headings, a typewriter's font is code, a number or a bullet at the start of a line is a list,
and pieces that stand below one another in columns are a table. Lines that come back on most pages are left out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from personal_pipeline.domain.parsing.outline import MAX_HEADING
from personal_pipeline.domain.parsing.writing import Markdown, code, plain

_NUMBERED = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_BULLET = re.compile(r"[•◦▪‣●○■□–·∙-]\s+(?=\S)")
_ONLY_MARK = re.compile(r"(?:\d{1,3}[.)]|[•◦▪‣●○■□–·∙-])$")
_ODD_NUMBER = re.compile(r"\(?(\d{1,3})\)?$")
_ODD_BULLET = re.compile("[o\ue000-\uf8ff§¨Øüv]?$")  # of fonts that have pictures for letters
_DIGITS = re.compile(r"\d+")
_ENDS = (".", "!", "?", ":", ";", ",")
_LARGER = 1.12  # of the text: a heading
_LEADING = 1.75  # font sizes between the lines of one paragraph, at most
_HEADING_LEADING = 1.4
_COLUMN = 8  # font sizes up the page that a cell may begin above the last line; more is another column of the page
_SAME = 2.0  # points: places that are meant to be the same
_MARGIN = 0.12  # of the page's height, where headers and footers stand
_REPEATED = 3  # pages
_MONOSPACED_WIDTH = 0.6  # of the size
_MARKER = 3.0  # sizes from a marker to its text, at most
_DEEPEST = 8
_LONGEST_TABLE = 100  # lines that are looked at for its columns; a page has fewer


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


def write_pages(pages: Sequence[tuple[list[Piece], float]]) -> str:
    lines = [line for number, (pieces, _) in enumerate(pages) for line in _lines(pieces, number)]
    lines = _without_margins(lines, [height for _, height in pages])
    return _Writer(lines).write()


def _lines(pieces: Sequence[Piece], page: int) -> Iterator[Line]:
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


def _without_margins(lines: list[Line], heights: list[float]) -> list[Line]:
    """Headers, footers and page numbers: the same words but for their digits, at the same place of several pages."""

    def place(line: Line) -> tuple[str, int] | None:
        height = heights[line.page]
        if _MARGIN * height < line.y < (1 - _MARGIN) * height:
            return None
        return _DIGITS.sub("#", line.text), round(line.y / 4)

    pages_of = Counter(found for found in {(place(line), line.page) for line in lines} if found[0])
    seen = Counter(where for where, _ in pages_of)
    most = max(_REPEATED, len(heights) // 2)
    return [line for line in lines if (where := place(line)) is None or seen[where] < most]


class _Writer:
    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._page = Markdown()
        sizes: Counter[float] = Counter()
        for line in lines:
            if not line.is_code:
                sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0] if sizes else 0.0
        larger = {line.size for line in lines if self._is_larger(line)}
        self._levels = {size: level for level, size in enumerate(sorted(larger, reverse=True), start=1)}
        self._deepest = max(self._levels.values(), default=0)
        self._longest: dict[tuple[int, float], int] = {}
        for line in lines:
            place = round(line.x), line.size
            self._longest[place] = max(self._longest.get(place, 0), len(line.text))
        self._columns_of: dict[str, list[float]] = {}
        self._items: list[float] = []  # where the marker of each open item stands

    def write(self) -> str:
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if level := self._level(at):
                at = self._heading(at, level)
            elif (found := self._table_at(at))[1]:
                self._table(self._lines[at : found[0]], found[1])
                at = found[0]
            elif line.is_code:
                at = self._code(at)
            else:
                at = self._paragraph(at)
        return self._page.text

    def _is_larger(self, line: Line) -> bool:
        return bool(self._body) and not line.is_code and line.size > _LARGER * self._body

    def _level(self, at: int) -> int:
        """Bold lines of the text's own size stand below every larger one, if they stand alone."""
        line = self._lines[at]
        if len(line.text) > MAX_HEADING or not any(letter.isalpha() for letter in line.text):
            return 0
        if self._is_larger(line):
            return min(self._levels[line.size], 6)
        is_alone = (
            line.is_bold and not line.is_code and not line.text.endswith(_ENDS) and not _NUMBERED.match(line.text)
        )
        if not is_alone or len(_columns(line.pieces)) > 1:
            return 0
        following = self._lines[at + 1] if at + 1 < len(self._lines) else None
        if following is not None and self._continues(line, following) and following.is_bold:
            return 0  # a paragraph that is bold
        return min(self._deepest + 1, 6)

    def _heading(self, at: int, level: int) -> int:
        words = [self._lines[at].text]
        end = at + 1
        while (
            end < len(self._lines)
            and self._level(end) == level
            and self._continues(self._lines[end - 1], self._lines[end], _HEADING_LEADING)
        ):
            words.append(self._lines[end].text)
            end += 1
        self._page.heading(level, plain(" ".join(words)))
        self._items.clear()
        return end

    def _continues(self, line: Line, following: Line, leading: float = _LEADING) -> bool:
        """By the space between the two; across pages by the words."""
        if line.page != following.page:
            return not line.text.endswith(_ENDS) and following.text[:1].islower()
        return 0 < line.y - following.y < leading * max(line.size, following.size)

    def _code(self, at: int) -> int:
        found = [self._lines[at]]
        end = at + 1
        while (
            end < len(self._lines)
            and self._lines[end].is_code
            and self._belongs(self._lines[end - 1], self._lines[end])
        ):
            found.append(self._lines[end])
            end += 1
        left = min(line.x for line in found)
        written: list[str] = []
        for number, line in enumerate(found):
            if number and found[number - 1].y - line.y > _LEADING * line.size:
                written.append("")
            indent = round((line.x - left) / (_MONOSPACED_WIDTH * line.size))
            written.append(" " * min(indent, 80) + "".join(piece.text for piece in line.pieces).rstrip())
        self._page.code("\n".join(written), "", self._depth(left))
        return end

    def _belongs(self, line: Line, following: Line) -> bool:
        """One block may have an empty line in it, and go on over the page."""
        return line.page != following.page or 0 < line.y - following.y < 2 * _LEADING * line.size

    def _depth(self, x: float) -> int:
        """Of the items whose marker stands left of it."""
        while self._items and self._items[-1] >= x - _SAME:
            self._items.pop()
        return len(self._items)

    def _paragraph(self, at: int) -> int:
        line = self._lines[at]
        found = [line]
        end = at + 1
        while end < len(self._lines) and self._is_more(found[0], self._lines[end - 1], end):
            found.append(self._lines[end])
            end += 1
        text = _joined(found)
        words = line.text
        number, bullet = _NUMBERED.match(words), _BULLET.match(words)
        if number or bullet:
            depth = min(self._depth(line.x), _DEEPEST)
            self._items = [*self._items[:depth], line.x]
            marker = number or bullet
            self._page.item(_inline(text, len(marker[0]) if marker else 0), depth, int(number[1]) if number else 0)
        else:
            self._page.paragraph(_inline(text, 0), self._depth(line.x))
        return end

    def _is_more(self, first: Line, line: Line, at: int) -> bool:
        following = self._lines[at]
        if not self._continues(line, following) or following.is_code or self._level(at):
            return False
        if _NUMBERED.match(following.text) or _BULLET.match(following.text) or self._table_at(at)[1]:
            return False
        if self._ends_early(line, following):
            return False
        is_item = _NUMBERED.match(first.text) or _BULLET.match(first.text)
        # text that goes back to the left of an item's own is a paragraph of its own
        return not is_item or following.x > first.x + _SAME or bool(_ONLY_MARK.match(first.text))

    def _ends_early(self, line: Line, following: Line) -> bool:
        """The next word had room on the line, so the break is meant."""
        most = self._longest[round(line.x), line.size]
        first_word = following.text.partition(" ")[0]
        return len(line.text) + len(first_word) < 0.75 * most and not following.text[:1].islower()

    def _table_at(self, at: int) -> tuple[int, list[float]]:
        """The line after it, and where its columns begin; ``at`` where there is no table."""
        first = self._lines[at]
        if len(_columns(first.pieces)) < 2 or _is_item(first):
            return at, []
        most = min(len(self._lines), at + _LONGEST_TABLE)
        end = at + 1
        while end < most and _is_near(self._lines[end - 1], self._lines[end]) and not _is_item(self._lines[end]):
            end += 1
        columns = self._columns_of.get(first.text) or _shared_columns(self._lines[at:end])
        last = at
        while last < end and not any(_crosses(piece, x) for piece in self._lines[last].pieces for x in columns):
            if last > at and self._level(last):
                break
            last += 1
        rows = _rows(self._lines[at:last], columns)
        while rows and len(_filled(rows[-1], columns)) < 2:
            rows.pop()  # what follows the table, and is short
        if len(columns) < 2 or len(rows) < 2:
            return at, []
        self._columns_of = {first.text: columns}  # for the next page, where its head is repeated
        return at + sum(map(len, rows)), columns

    def _table(self, lines: list[Line], columns: list[float]) -> None:
        depth = self._depth(columns[0])
        cells: list[list[list[Piece]]] = []
        for row in _rows(lines, columns):
            cells.append([[] for _ in columns])
            for line in row:
                for piece in line.pieces:
                    cells[-1][_place(piece, columns)].append(piece)
        self._page.table([[_inline(_runs(cell), 0) for cell in row] for row in cells], depth)


def _is_near(line: Line, following: Line) -> bool:
    return line.page == following.page and 0 < line.y - following.y < 4 * following.size


def _is_item(line: Line) -> bool:
    """A marker and its text; a row of a table may begin with its number, and has more."""
    return len(_columns(line.pieces)) <= 2 and _ONLY_MARK.match(line.pieces[0].text.strip()) is not None


def _rows(lines: Sequence[Line], columns: Sequence[float]) -> list[list[Line]]:
    """Cells of a row may begin at different heights: then the space between rows is wider than within them."""
    gaps = [above.y - below.y for above, below in pairwise(lines)]
    between = (min(gaps) + max(gaps)) / 2 if gaps and max(gaps) > 1.25 * min(gaps) else 0.0
    rows: list[list[Line]] = []
    for number, line in enumerate(lines):
        begins = gaps[number - 1] >= between if number and between else _place(line.pieces[0], columns) == 0
        if begins or not rows:
            rows.append([])
        rows[-1].append(line)
    return rows


def _filled(row: Sequence[Line], columns: Sequence[float]) -> set[int]:
    return {_place(piece, columns) for line in row for piece in line.pieces}


def _shared_columns(lines: Sequence[Line]) -> list[float]:
    """Where the cells of more than one line begin, the first of them leftmost."""
    starts = sorted(x for line in lines for x in _columns(line.pieces))
    groups: list[list[float]] = []
    for x in starts:
        if groups and x - groups[-1][0] < _SAME:
            groups[-1].append(x)
        else:
            groups.append([x])
    shared = [group[0] for group in groups if len(group) > 1]
    return [x for n, x in enumerate(shared) if not n or x - shared[n - 1] > 2 * lines[0].size]


def _place(piece: Piece, columns: Sequence[float]) -> int:
    return max((number for number, x in enumerate(columns) if x <= piece.x + _SAME), default=0)


def _crosses(piece: Piece, column: float) -> bool:
    return piece.x < column - _SAME and piece.x + 0.9 * _width(piece) > column + _SAME


def _width(piece: Piece) -> float:
    """A guess: what a letter is wide on average."""
    return len(piece.text.rstrip()) * piece.size * (_MONOSPACED_WIDTH if piece.is_code else 0.5)


def _columns(pieces: Sequence[Piece]) -> list[float]:
    """Where cells begin: a piece that stands well right of the end of the one before. Widths are guessed."""
    found = [pieces[0].x]
    for before, piece in pairwise(pieces):
        if piece.x - before.x > _width(before) + 0.8 * piece.size:
            found.append(piece.x)
    return found


def _runs(pieces: Sequence[Piece]) -> list[tuple[str, bool]]:
    """Words with whether they are code; neighbours of one kind are one."""
    found: list[tuple[str, bool]] = []
    for number, piece in enumerate(pieces):
        is_same_line = number > 0 and abs(piece.y - pieces[number - 1].y) < 0.35 * piece.size
        text = piece.text if is_same_line or not found else f" {piece.text.lstrip()}"
        if found and found[-1][1] == piece.is_code:
            found[-1] = (found[-1][0] + text, piece.is_code)
        else:
            found.append((text, piece.is_code))
    return found


def _joined(lines: Sequence[Line]) -> list[tuple[str, bool]]:
    """A word that was cut at the end of a line keeps its hyphen: nobody knows whether it had it before."""
    found: list[tuple[str, bool]] = []
    for line in lines:
        pieces = [(piece.text, piece.is_code) for piece in line.pieces]
        if found and not found[-1][0].endswith((" ", "-")):
            pieces.insert(0, (" ", pieces[0][1] and found[-1][1]))
        for text, is_code in pieces:
            if found and found[-1][1] == is_code:
                found[-1] = (found[-1][0] + text, is_code)
            else:
                found.append((text, is_code))
    return found


def _inline(runs: Sequence[tuple[str, bool]], skipped: int) -> str:
    """As Markdown, without so many characters at the start: the marker of an item."""
    parts: list[str] = []
    for text, is_code in runs:
        words = text.lstrip() if not parts else text
        if skipped and not parts:
            words, skipped = words[skipped:], max(0, skipped - len(words))
        if not words.strip():
            parts += [" "] if parts else []
        elif is_code:
            before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
            parts.append(f"{before and ' '}{code(words)}{after and ' '}")
        else:
            parts.append(
                plain(
                    " ".join(words.split()).join(
                        (" " if words[0].isspace() else "", " " if words[-1].isspace() else "")
                    )
                )
            )
    return "".join(parts).strip()
