"""The linear-algebra attack: whoever stands together, plus counts per value, gives people's values away.

The attack is run on a list by pseudonym, where it must succeed (else the test has no power), and on the public
document, where it must not beat guessing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy import sparse

from sortition.highs import Program
from sortition.lottery import Certificate, Deviation, Lottery
from sortition.model import Entry, Instance, Quota
from sortition.polytope import Polytope
from sortition.protocol.commit import Commitment, commit
from sortition.protocol.hashes import token

from .factory import NOW, rule

TICKETS, SIZE, PEOPLE = 100, 16, 60
SHARES = {
    "gender": {"female": 0.5, "male": 0.47, "diverse": 0.03},
    "age": {"16-29": 0.2, "30-44": 0.25, "45-59": 0.25, "60+": 0.3},
    "education": {"low": 0.3, "middle": 0.3, "high": 0.4},
}


def registrations() -> Instance:
    """Sixty people with three features; quotas with some room."""
    rng = np.random.default_rng(7)
    drawn = {f: rng.choice(list(shares), PEOPLE, p=list(shares.values())) for f, shares in SHARES.items()}
    entries = tuple(Entry(f"{i:02d}", {f: str(drawn[f][i]) for f in SHARES}) for i in range(PEOPLE))
    quotas = {
        f: {v: Quota(max(0, round(SIZE * share) - 1), round(SIZE * share) + 1) for v, share in shares.items()}
        for f, shares in SHARES.items()
    }
    return Instance(entries, quotas, SIZE)


def random_lottery(instance: Instance) -> Lottery:
    """Panels that a solver finds for random weights, dealt cyclically inside the classes."""
    polytope, rng = Polytope.of(instance), np.random.default_rng(8)
    program = polytope.program(integer=True)
    turns = [np.resize(rng.permutation(members), 10_000) for members in polytope.members]
    dealt = [0] * len(turns)
    tickets = []
    for _ in range(TICKETS):
        program.set_cost(rng.normal(size=len(turns)))
        row: list[int] = []
        for number, seats in enumerate(np.rint(program.solve().x).astype(int)):
            row.extend(turns[number][dealt[number] : dealt[number] + seats].tolist())
            dealt[number] += int(seats)
        tickets.append(sorted(row))
    times = np.bincount(np.ravel(tickets), minlength=PEOPLE)
    classes = [np.flatnonzero(polytope.class_of == polytope.class_of[i]) for i in range(PEOPLE)]
    return Lottery(
        instance=instance,
        objective="leximin",
        class_of=polytope.class_of,
        ideal_probability=np.array([times[members].mean() / TICKETS for members in classes]),
        selection_probability=times / TICKETS,
        portfolio=(),
        tickets=np.array(tickets),
        certificate=Certificate(
            proven=False, proof="none", tolerance=1e-6, gap=1.0, portfolio=Deviation(0, 0), tickets=Deviation(0, 0)
        ),
    )


@pytest.fixture(scope="module")
def made() -> Commitment:
    return commit(random_lottery(registrations()), rule(tickets=TICKETS), now=NOW)


def attack(lists: Sequence[Sequence[str]], counts: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """Return the value that a linear program finds most likely for each name on the lists, for one feature.

    x[name, value] ≥ 0 with Σ_value x = 1 for each name, and Σ_{names on t} x[name, value] = counts[value][t].
    """
    names = sorted({name for names in lists for name in names})
    number = {name: index for index, name in enumerate(names)}
    values = list(counts)
    rows, columns, sides = [], [], []
    for name in names:
        rows += [len(sides)] * len(values)
        columns += [number[name] * len(values) + v for v in range(len(values))]
        sides.append(1)
    for ticket, on_it in enumerate(lists):
        for v, value in enumerate(values):
            rows += [len(sides)] * len(on_it)
            columns += [number[name] * len(values) + v for name in on_it]
            sides.append(counts[value][ticket])
    shape = (len(sides), len(names) * len(values))
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    bounds = np.array(sides, dtype=float)
    zeros, ones = np.zeros(shape[1]), np.ones(shape[1])
    found = Program(matrix, bounds, bounds, zeros, ones).solve().x.reshape(len(names), len(values))
    return {name: values[int(best)] for name, best in zip(names, found.argmax(axis=1), strict=True)}


def truth_of_tokens(made: Commitment, feature: str) -> dict[str, str]:
    """What the attacker wants to know: which value the person behind each token has."""
    truth = {}
    for receipt in made.receipts():
        secret = bytes.fromhex(receipt["secret"])
        for ticket, tokens in enumerate(made.public["tickets"]):
            if (name := token(secret, ticket)) in tokens:
                truth[name] = receipt["row"]["values"][feature]
    return truth


def hits(guess: Mapping[str, str], truth: Mapping[str, str]) -> float:
    return sum(guess[name] == truth[name] for name in truth) / len(truth)


@pytest.mark.parametrize("feature", SHARES)
def test_a_list_by_pseudonym_gives_everybody_away(made: Commitment, feature: str) -> None:
    counts = made.public["ticket_counts"]
    assert counts is not None
    lists = [[str(position) for position in row] for row in made.audit["tickets"]]
    truth = {str(i): entry["row"]["values"][feature] for i, entry in enumerate(made.audit["entries"]) if entry["row"]}
    guessing = max(list(truth.values()).count(value) for value in counts[feature]) / len(truth)
    assert guessing < 0.6
    assert hits(attack(lists, counts[feature]), truth) > 0.95


@pytest.mark.parametrize("feature", SHARES)
def test_the_public_document_does_not_beat_guessing(made: Commitment, feature: str) -> None:
    """Guessing: of the people on a ticket, everybody has the value that is most common on it."""
    public = made.public
    counts = public["ticket_counts"]
    assert counts is not None
    truth = truth_of_tokens(made, feature)
    assert len(truth) == TICKETS * SIZE
    common = [max(column[t] for column in counts[feature].values()) for t in range(TICKETS)]
    guessing = sum(common) / (TICKETS * SIZE)
    standard_deviation = 0.5 / np.sqrt(TICKETS * SIZE)
    assert hits(attack(public["tickets"], counts[feature]), truth) < guessing + 3 * standard_deviation


def test_positions_in_the_lists_say_nothing(made: Commitment) -> None:
    """Who knows the places of half the people among the leaves learns nothing about the other half from places."""
    rows = {entry["leaf"]: entry["row"] for entry in made.audit["entries"]}
    ids = [row["id"] for leaf in made.public["leaves"] if (row := rows[leaf])]
    inversions = sum(a > b for i, a in enumerate(ids) for b in ids[i + 1 :])
    pairs = PEOPLE * (PEOPLE - 1) / 2
    deviation = np.sqrt(PEOPLE * (PEOPLE - 1) * (2 * PEOPLE + 5) / 72)
    assert abs(inversions - pairs / 2) < 5 * deviation
