"""The engine's sentences as they are stored: template and values, so that each reader gets their own language."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from sortition.message import Message


def stored(message: Message) -> dict[str, Any]:
    """Return a sentence as JSON types.

    >>> stored(Message("{value} needs {lower}.", {"value": "North", "lower": 6}))
    {'template': '{value} needs {lower}.', 'values': {'value': 'North', 'lower': 6}}
    """
    values = {
        name: stored(value) if isinstance(value, Message) else _plain(value) for name, value in message.values.items()
    }
    return {"template": message.template, "values": values}


def restored(content: Mapping[str, Any]) -> Message:
    """Return the sentence again."""
    values = {
        name: restored(value) if isinstance(value, Mapping) else value for name, value in content["values"].items()
    }
    template: str = content["template"]
    return Message(template, values)


def in_language(content: Mapping[str, Any], texts: NullTranslations) -> str:
    """Return a stored sentence in the language of a catalogue; for pages, see assembly.views.messages."""
    values = {
        name: in_language(value, texts) if isinstance(value, Mapping) else value
        for name, value in content["values"].items()
    }
    template = content["template"]
    return texts.gettext(template).format_map(values)


def _plain(value: object) -> Any:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
