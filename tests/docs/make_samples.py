"""Writes the sample documents that are no text: ``python -m tests.docs.make_samples``. The same bytes every time."""

import sys
from pathlib import Path

from tests.office.blocks import Block, Code, Heading, Item, Paragraph, Table
from tests.office.pdf_files import pdf_of
from tests.office.word_files import docx_of

WAREHOUSE = Path(__file__).parents[2] / "events" / "documents" / "warehouse"

SCANNERS: list[Block] = [
    Heading(1, "Handheld scanners are offline"),
    Paragraph(
        "Pickers scan shelves and parcels with handheld scanners. Without them they write on paper, at a third of the "
        "usual speed, and stock is wrong until somebody has typed it in."
    ),
    *(Heading(2, "Before you start"), Item("You need the number of a scanner that is offline; it is on its back.")),
    *(Heading(2, "Diagnose"), Item("See how many are offline, and where:", 0, 1)),
    Code("scannerctl list --offline\nscannerctl list --offline --by access-point", depth=1),
    Paragraph("Expected: an empty list. Up to five are being charged.", 1),
    *(Item("Ask one of them for its last words:", 0, 2), Code("scannerctl log <scanner> --last 20", depth=1)),
    Item("If it says `certificate expired`, go to Certificates.", 1),
    Item("If it says `no route`, the access point is the cause: take the table below.", 1),
    Heading(2, "Access points"),
    Table(
        [
            ["Light on the access point", "Action"],
            ["off", "Ask the shift lead to plug it in again; the cable runs along the conveyor"],
            ["red", "Restart it with `apctl restart <access-point>`"],
            ["green", "Move its scanners to another channel with `apctl channel <access-point> --next`"],
        ]
    ),
    *(Heading(2, "Certificates"), Item("Renew them:", 0, 1), Code("scannerctl certificates renew --all", depth=1)),
    Item("Ask the pickers to put their scanners into the charger for a minute.", 0, 2),
    *(Heading(2, "Verify"), Item("Check that `scannerctl list --offline` is empty after five minutes.", 0, 1)),
    *(Heading(2, "Roll back"), Item("Run `scannerctl certificates rollback`.", 0, 1)),
    *(Heading(2, "Escalation"), Item("Warehouse on call: `#warehouse-oncall`, +1 555 0171", 0, 1)),
    Item("After 30 minutes: shift lead of the picking hall, +1 555 0174", 0, 2),
]

PRINTERS: list[Block] = [
    Paragraph(
        "Packing slips do not come out, and parcels without one may not leave. One printer stands at each packing "
        "table; see [the map of the hall](https://wiki.example.com/warehouse/hall)."
    ),
    *(Heading(1, "Diagnose"), Item("See what waits, and at which printer:", 0, 1)),
    *(Code("lpstat -o\nlpstat -p | grep -v idle", depth=1), Item("Choose by what you see:", 0, 2)),
    Item("If one printer is disabled, go to step 3.", 1),
    Item("If all of them wait, restart the print server with `systemctl restart cups` and begin again.", 1),
    *(
        Item("Enable the printer, and send its oldest slip to it again:", 0, 3),
        Code("sudo cupsenable <printer>\nsudo lp -i <job> -H restart", depth=1),
    ),
    Paragraph("Expected: the slip comes out within ten seconds.", 1),
    Heading(1, "What the display says"),
    Table(
        [
            ["Display", "Action"],
            ["PAPER", "Ask the packing table to put in a roll"],
            ["HEAD HOT", "Switch it off for ten minutes, and send its slips to the next table"],
        ]
    ),
    *(Heading(1, "Verify"), Item("Check that `lpstat -o` is empty.", 0, 1)),
    *(Heading(1, "Escalation"), Item("Warehouse on call: `#warehouse-oncall`, +1 555 0171", 0, 1)),
    Item("Office equipment desk: +1 555 0175", 0, 2),
]

SAMPLES = {
    WAREHOUSE / "handheld-scanners-offline.pdf": pdf_of(SCANNERS),
    WAREHOUSE / "packing-slip-printers.docx": docx_of(PRINTERS, title="Packing slip printers stop"),
}


def main() -> None:
    for path, body in SAMPLES.items():
        path.write_bytes(body)
        sys.stdout.write(f"wrote {path.name}, {len(body):,} bytes\n")


if __name__ == "__main__":
    main()
