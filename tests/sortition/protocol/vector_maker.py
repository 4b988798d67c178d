"""Makes the committed test vectors again: python -m tests.sortition.protocol.vector_maker

Run it only when a format changes on purpose, and say so: whoever wrote a verifier of their own relies on them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from sortition.lottery_file import lottery_document, read_lottery
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.commit import Commitment, commit
from sortition.protocol.draw import draw
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.hashes import leaf, ticket_of_value, token

from .factory import AFTER, NOW, PUBLIC_VALUE, fixed_bytes, lottery_of, pool, rule

FOLDER = Path(__file__).parent / "vectors"
SECRET = bytes(range(32))
ROW = {"id": "Ä-17", "values": {"Geschlecht": "weiblich", 'Straße/Nr. "1"': "a\\b\tc"}, "household": None}
COMMITMENT = "00" * 31 + "ff"


def primitives() -> dict[str, Any]:
    """Each hash of the protocol on a fixed input."""
    return {
        "secret": SECRET.hex(),
        "row": ROW,
        "canonical_row": canonical_bytes(ROW).decode(),
        "leaf": leaf(SECRET, ROW),
        "tokens": {str(ticket): token(SECRET, ticket) for ticket in (0, 1, 999, 9999)},
        "commitment": COMMITMENT,
        "tickets_of_values": [
            {"value": value, "tickets": tickets, "ticket": ticket_of_value(COMMITMENT, value, tickets)}
            for value, tickets in [("abc", 10), ("abc", 1000), ("abc", 1500), ("Zufall ä", 10_000)]
        ],
    }


def commitments(folder: Path = FOLDER) -> dict[str, Commitment]:
    """One lottery drawn by digits, one by a public value, from the committed lottery.json and rules."""
    lottery = read_lottery(folder / "lottery.json")
    made = {}
    with patch("sortition.protocol.commit.software", return_value="test vectors"):
        for kind in ("digits", "public_value"):
            document = json.loads((folder / f"rule-{kind}.json").read_text(encoding="utf-8"))
            draw_rule = DrawRule.from_document(document, name=kind)
            made[kind] = commit(lottery, draw_rule, now=NOW, random_bytes=fixed_bytes(kind))
    return made


def documents(made: dict[str, Commitment]) -> dict[str, bytes]:
    """The documents of the vectors by file name."""
    result: dict[str, bytes] = {}
    for kind, value in (("digits", "7"), ("public_value", "0123456789abcdef0123456789abcdef")):
        commitment = made[kind]
        result[f"public-{kind}.json"] = commitment.public_bytes()
        result[f"audit-{kind}.json"] = commitment.audit_bytes()
        result[f"receipt-{kind}.json"] = canonical_bytes(cast("Any", commitment.receipts()[0]))
        drawn = draw(commitment.audit, how=cast("Any", kind), value=value, now=AFTER)
        result[f"drawn-{kind}.json"] = canonical_bytes(cast("Any", drawn))
        result[f"commitment-{kind}.txt"] = commitment.hash.encode() + b"\n"
    return result


def main() -> None:
    """Write all vectors."""
    FOLDER.mkdir(exist_ok=True)
    lottery = json.dumps(lottery_document(lottery_of(pool())), ensure_ascii=False, indent=1)
    (FOLDER / "lottery.json").write_text(lottery + "\n", encoding="utf-8")
    for kind, source in (("digits", None), ("public_value", PUBLIC_VALUE)):
        text = json.dumps(rule(source=source).document(), ensure_ascii=False, indent=1)
        (FOLDER / f"rule-{kind}.json").write_text(text + "\n", encoding="utf-8")
    for name, content in documents(commitments()).items():
        (FOLDER / name).write_bytes(content)
    text = json.dumps(primitives(), ensure_ascii=False, indent=1)
    (FOLDER / "primitives.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
