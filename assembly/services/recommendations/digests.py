"""What is hashed of a recommendation when it is handed over: anyone can compute it from what is public."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import rfc8785

from assembly.models import Addressee, Assembly, FollowUpRules, Recommendation
from assembly.services.recommendations.texts import FIELDS

DOMAIN = b"assembly/recommendation/1"
HANDOVER_DOMAIN = b"assembly/handover/1"
COUNTED = ("yes", "no", "abstained", "present", "panel_size")


def canonical(assembly: Assembly, recommendation: Recommendation, addressees: Iterable[Addressee]) -> bytes:
    """Return what a recommendation says, in the canonical form of RFC 8785; `addressees` are those that owe an answer.

    Its text, the count by which it was adopted if it was by one, its minority views, and who answers.
    """
    count = recommendation.count
    content: dict[str, Any] = {
        "assembly": assembly.slug,
        "number": recommendation.number,
        **{field: getattr(recommendation, field) for field in FIELDS},
        "count": {name: getattr(count, name) for name in COUNTED} | {"counted_on": count.counted_on.isoformat()}
        if count
        else None,
        "minority_views": [{"text": one.text, "supporters": one.supporters} for one in recommendation.minority_views],
        "addressees": [{"number": one.number, "name": one.name} for one in sorted(addressees, key=_number)],
    }
    return rfc8785.dumps(content)


def digest_of(assembly: Assembly, recommendation: Recommendation, addressees: Iterable[Addressee]) -> str:
    """Return the hash of a recommendation: SHA-256 of the domain and its canonical form."""
    return hashlib.sha256(DOMAIN + canonical(assembly, recommendation, addressees)).hexdigest()


def handover_digest(
    assembly: Assembly, handed_over_on: str, rules: FollowUpRules, recommendations: Iterable[Recommendation]
) -> str:
    """Return the hash over all recommendations of a handover, its day, and the rules under which they stay."""
    content: dict[str, Any] = {
        "assembly": assembly.slug,
        "handed_over_on": handed_over_on,
        "rules": rules.digest,
        "recommendations": [
            {"number": one.number, "digest": one.digest} for one in sorted(recommendations, key=_number)
        ],
    }
    return hashlib.sha256(HANDOVER_DOMAIN + rfc8785.dumps(content)).hexdigest()


def _number(one: Addressee | Recommendation) -> int:
    return one.number
