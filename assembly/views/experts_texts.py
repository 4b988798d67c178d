"""Experts, requests and materials in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import ExpertRole, ExpertState, Gender, MaterialKind, RequestKind

ROLES = {
    ExpertRole.SCIENCE: _l("Science"),
    ExpertRole.ADMINISTRATION: _l("Administration"),
    ExpertRole.INTEREST_GROUP: _l("Interest group"),
    ExpertRole.AFFECTED: _l("People affected"),
}
STATES = {
    ExpertState.PROPOSED: _l("Proposed"),
    ExpertState.INVITED: _l("Invited"),
    ExpertState.ACCEPTED: _l("Accepted"),
    ExpertState.DECLINED: _l("Declined"),
    ExpertState.WITHDRAWN: _l("Withdrawn"),
}
BADGES = {
    ExpertState.PROPOSED: "info",
    ExpertState.INVITED: "info",
    ExpertState.ACCEPTED: "success",
    ExpertState.DECLINED: "warning",
    ExpertState.WITHDRAWN: "warning",
}
MOVES = {
    ExpertState.PROPOSED: _l("Propose again"),
    ExpertState.INVITED: _l("The invitation is out"),
    ExpertState.ACCEPTED: _l("They have accepted"),
    ExpertState.DECLINED: _l("They have declined"),
    ExpertState.WITHDRAWN: _l("They withdraw, or are not wanted any more"),
}
GENDERS = {
    None: _l("Not said"),
    Gender.FEMALE: _l("Female"),
    Gender.MALE: _l("Male"),
    Gender.DIVERSE: _l("Diverse"),
}
REQUEST_KINDS = {
    RequestKind.EXPERT: _l("Somebody should be heard"),
    RequestKind.QUESTION: _l("A question"),
}
MATERIAL_KINDS = {
    MaterialKind.DOCUMENT: _l("Document"),
    MaterialKind.LINK: _l("Link"),
    MaterialKind.VIDEO: _l("Video"),
}
SUFFIXES = {
    ".pdf": "PDF",
    ".png": "PNG",
    ".jpg": "JPEG",
    ".txt": "TXT",
    ".vtt": "WebVTT",
    ".docx": "Word",
    ".pptx": "PowerPoint",
    ".xlsx": "Excel",
    ".odt": "OpenDocument",
    ".odp": "OpenDocument",
    ".ods": "OpenDocument",
}
"""What readers call the kinds of files: names, the same in every language."""
