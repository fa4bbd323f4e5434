"""A .docx as word processors write it: styles by name, lists by numbering, links by relationship."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from tests.office.blocks import Block, Code, Heading, Item, Paragraph, Run, Table, runs

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BULLETS = 1  # numbering of bullets; every numbered list has one of its own after it


def docx_of(blocks: Sequence[Block], title: str = "") -> bytes:
    """With a title as its own style if one is given; else headings count from 1."""
    body = _Body()
    if title:
        body.paragraph("Title", [Run(title)])
    for block in blocks:
        body.add(block)
    return package(
        {
            "[Content_Types].xml": _content_types(),
            "_rels/.rels": _relationships({"rId1": (f"{_R}/officeDocument", "word/document.xml")}),
            "word/document.xml": _document(body.xml),
            "word/styles.xml": _styles(),
            "word/numbering.xml": _numbering(body.lists),
            "word/_rels/document.xml.rels": _relationships(
                {name: (f"{_R}/hyperlink", target) for target, name in body.links.items()}
            ),
        }
    )


def package(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = compression
            info.external_attr = 0o644 << 16
            zipped.writestr(info, content)
    return made.getvalue()


def document(body: str) -> bytes:
    """The smallest package around the XML of a body."""
    return package({"word/document.xml": _document(body)})


def _document(body: str) -> str:
    return f'{_HEAD}<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{body}</w:body></w:document>'


class _Body:
    def __init__(self) -> None:
        self.xml = ""
        self.lists = _BULLETS
        self.links: dict[str, str] = {}

    def add(self, block: Block) -> None:
        match block:
            case Heading(level, text):
                self.paragraph(f"Heading{level}", runs(text))
            case Paragraph(text, depth):
                self.paragraph("Normal", runs(text), indent=depth)
            case Item(text, depth, number):
                if number == 1 and not depth:
                    self.lists += 1
                self.paragraph("ListParagraph", runs(text), numbering=(self.lists if number else _BULLETS, depth))
            case Code(text, _, depth):
                for line in text.split("\n"):
                    self.paragraph("SourceCode", [Run(line)], indent=depth)
            case Table(rows):
                self._table(rows)

    def paragraph(
        self, style: str, parts: Sequence[Run], indent: int = 0, numbering: tuple[int, int] | None = None
    ) -> None:
        said = f'<w:pStyle w:val="{style}"/>'
        if numbering:
            said += f'<w:numPr><w:ilvl w:val="{numbering[1]}"/><w:numId w:val="{numbering[0]}"/></w:numPr>'
        if indent:
            said += f'<w:ind w:left="{360 * indent}"/>'
        self.xml += f"<w:p><w:pPr>{said}</w:pPr>{''.join(map(self._run, parts))}</w:p>"

    def _run(self, run: Run) -> str:
        font = '<w:rPr><w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/></w:rPr>' if run.is_code else ""
        xml = f'<w:r>{font}<w:t xml:space="preserve">{escape(run.text)}</w:t></w:r>'
        if not run.link:
            return xml
        name = self.links.setdefault(run.link, f"rId{len(self.links) + 10}")
        return f'<w:hyperlink r:id="{name}">{xml}</w:hyperlink>'

    def _table(self, rows: Sequence[Sequence[str]]) -> None:
        self.xml += "<w:tbl><w:tblPr/><w:tblGrid/>"
        for row in rows:
            self.xml += "<w:tr>"
            for cell in row:
                self.xml += "<w:tc><w:tcPr/>"
                self.paragraph("Normal", runs(cell))
                self.xml += "</w:tc>"
            self.xml += "</w:tr>"
        self.xml += "</w:tbl>"


def _styles() -> str:
    names = {"Normal": "Normal", "Title": "Title", "ListParagraph": "List Paragraph", "SourceCode": "Source Code"}
    names |= {f"Heading{level}": f"heading {level}" for level in range(1, 7)}
    listed = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{shown}"/></w:style>'
        for name, shown in names.items()
    )
    return f'{_HEAD}<w:styles xmlns:w="{_W}">{listed}</w:styles>'


def _numbering(lists: int) -> str:
    def levels(kind: str) -> str:
        return "".join(f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/></w:lvl>' for n in range(9))

    kinds = f'<w:abstractNum w:abstractNumId="0">{levels("bullet")}</w:abstractNum>'
    kinds += f'<w:abstractNum w:abstractNumId="1">{levels("decimal")}</w:abstractNum>'
    numbers = f'<w:num w:numId="{_BULLETS}"><w:abstractNumId w:val="0"/></w:num>'
    numbers += "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="1"/></w:num>' for n in range(_BULLETS + 1, lists + 1)
    )
    return f'{_HEAD}<w:numbering xmlns:w="{_W}">{kinds}{numbers}</w:numbering>'


def _relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target={quoteattr(target)}'
        + (' TargetMode="External"/>' if "hyperlink" in kind else "/>")
        for name, (kind, target) in targets.items()
    )
    where = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{_HEAD}<Relationships xmlns="{where}">{listed}</Relationships>'


def _content_types() -> str:
    where = "http://schemas.openxmlformats.org/package/2006/content-types"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    return (
        f'{_HEAD}<Types xmlns="{where}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{main}.styles+xml"/>'
        f'<Override PartName="/word/numbering.xml" ContentType="{main}.numbering+xml"/></Types>'
    )
