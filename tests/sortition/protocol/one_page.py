"""Check a lottery without the software that made it. Needs Python 3.11 and nothing else.

python one_page.py public.json COMMITMENT [what was drawn] [receipt.json]
"""

import hashlib
import json
import sys
from pathlib import Path


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: object) -> bytes:  # RFC 8785, for keys without rare characters (beyond U+FFFF)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check(holds: bool, claim: str) -> None:
    if not holds:
        sys.exit(f"NO: {claim}")
    print(f"yes: {claim}")


file, commitment, *more = sys.argv[1:]
content = Path(file).read_bytes()
check(sha256(content).hex() == commitment, "this is the document that the commitment fixed")
public = json.loads(content)
check(canonical(public) == content, "it is written in the one canonical way")
tickets, size, counts, m = public["tickets"], public["size"], public["ticket_counts"] or {}, len(public["tickets"])
check(all(len(tokens) == size for tokens in tickets), f"each of the {m} tickets has {size} seats")
check(len({token for tokens in tickets for token in tokens}) == m * size, "no token stands twice")
check(len(set(public["leaves"])) == public["pool"]["entries"], f"{len(public['leaves'])} people are in the pool")
total = sum(bar["tickets"] * bar["entries"] for bar in public["chances"])
check(total == m * size, "the chances of all people sum to the seats")
for feature, columns in counts.items():  # not published when a replacement fills fewer than five seats
    check(all(sum(row) == size for row in zip(*columns.values(), strict=True)), f"{feature}: counts sum to the seats")
    for value, quota in public["quotas"][feature].items():
        low, high = min(columns[value]), max(columns[value])
        check(quota["lower"] <= low and high <= quota["upper"], f"{feature}, {value}: {low} to {high} on every ticket")

for drawn in (text for text in more if not text.endswith(".json")):
    rule, number, counter = public["draw_rule"], 2**256, 0
    print(f"The rule: {rule['draw']['source']} {rule['draw']['format']} {rule['moment']}")
    while rule["draw"]["kind"] == "public_value" and number >= 2**256 - 2**256 % m:  # no ticket must be favoured
        value = bytes.fromhex(commitment) + drawn.encode() + counter.to_bytes(8, "big")
        number, counter = int.from_bytes(sha256(b"sortition/ticket/1", value), "big"), counter + 1
    ticket = number % m if counter else int(drawn)  # digits are the ticket
    check(bool(counter) or len(drawn) == rule["draw"]["digits"], f"{drawn} draws ticket {ticket}")
    print(
        {feature: {value: column[ticket] for value, column in columns.items()} for feature, columns in counts.items()}
    )

for file in (text for text in more if text.endswith(".json")):
    receipt = json.loads(Path(file).read_bytes())
    secret = bytes.fromhex(receipt["secret"])
    leaf = sha256(b"sortition/leaf/1", secret, canonical(receipt["row"])).hex()
    check(receipt["commitment"] == commitment and leaf in public["leaves"], "my row is in the pool, unchanged")
    tokens = [sha256(b"sortition/token/1", secret, t.to_bytes(8, "big"))[:16].hex() for t in range(m)]
    print("I stand on the tickets", [t for t in range(m) if tokens[t] in tickets[t]])

# ruff: noqa: T201
