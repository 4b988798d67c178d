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


def read(file: str) -> tuple[bytes, dict]:
    try:
        return (content := Path(file).read_bytes()), dict(json.loads(content))
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"{file} cannot be read as JSON: {error}")


file, commitment, *more = sys.argv[1:] if len(sys.argv) > 2 else sys.exit(f"Say: {__doc__.splitlines()[2]}")
content, public = read(file)
check(sha256(content).hex() == commitment, "this is the document that the commitment fixed")
check(canonical(public) == content and "leaves" in public, "it is a public document, in the one canonical way")
tickets, size, counts, m = public["tickets"], public["size"], public["ticket_counts"] or {}, len(public["tickets"])
check(all(len(tokens) == size for tokens in tickets), f"each of the {m} tickets has {size} seats")
check(len({token for tokens in tickets for token in tokens}) == m * size, "no token stands twice")
check(len(set(public["leaves"])) == public["pool"]["entries"], f"{len(public['leaves'])} people are in the pool")
check(sum(bar["tickets"] * bar["entries"] for bar in public["chances"]) == m * size, "the chances sum to the seats")
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
    digits = drawn.isdecimal() and len(drawn) == rule["draw"].get("digits") and int(drawn) < m
    check(counter > 0 or digits, f"{drawn} is what this rule draws")
    ticket = number % m if counter else int(drawn)  # digits are the ticket
    print(f"{drawn} draws ticket {ticket}:", {f: {v: c[ticket] for v, c in cs.items()} for f, cs in counts.items()})

for file in (text for text in more if text.endswith(".json")):
    _, receipt = read(file)
    secret = bytes.fromhex(receipt.get("secret", ""))  # without one, the file is no receipt
    leaf = sha256(b"sortition/leaf/1", secret, canonical(receipt.get("row"))).hex()
    check(receipt.get("commitment") == commitment and leaf in public["leaves"], "my row is in the pool, unchanged")
    tokens = [sha256(b"sortition/token/1", secret, t.to_bytes(8, "big"))[:16].hex() for t in range(m)]
    print("I stand on the tickets", [t for t in range(m) if tokens[t] in tickets[t]])
