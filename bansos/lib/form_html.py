"""The widgets of forms written in Python: the same HTML as Django's templates, letter by letter.

A filter with a hundred districts is a hundred options, and each was three templates. A widget
that is not one of these is left to Django; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.template.defaultfilters import stringformat
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeData

FOLDER = "django/forms/widgets"
Widget = Mapping[str, Any]


class QuickForms(DjangoTemplates):
    """Django's own renderer, with a short way for inputs and choices."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        write = WRITERS.get(template_name)
        text = write(context["widget"]) if write is not None else None
        if text is None:
            return str(super().render(template_name, context, request))
        return text.strip()


def _word(value: Any) -> str:
    """`{{ value|stringformat:"s" }}`."""
    text = stringformat(value, "s")
    return text if isinstance(value, SafeData) else escape(text)


def _attrs(widget: Widget) -> str:
    parts = []
    for name, value in widget["attrs"].items():
        if value is True:
            parts.append(f" {conditional_escape(name)}")
        elif value is not False:
            parts.append(f' {conditional_escape(name)}="{_word(value)}"')
    return "".join(parts)


def _input(widget: Widget) -> str:
    given = widget.get("value")
    value = "" if given is None else f' value="{_word(given)}"'
    kind, name = conditional_escape(widget["type"]), conditional_escape(widget["name"])
    return f'<input type="{kind}" name="{name}"{value}{_attrs(widget)}>'


def _option_input(widget: Widget) -> str | None:
    return None if widget.get("wrap_label") else _input(widget)


def _textarea(widget: Widget) -> str:
    given = widget.get("value")
    text = conditional_escape(given) if given else ""
    return (
        f'<textarea name="{conditional_escape(widget["name"])}"{_attrs(widget)}>\n{text}</textarea>'
    )


def _option(widget: Widget) -> str:
    return (
        f'\n  <option value="{_word(widget["value"])}"{_attrs(widget)}>'
        f"{conditional_escape(widget['label'])}</option>\n"
    )


def _select(widget: Widget) -> str | None:
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attrs(widget)}>']
    for heading, options, _index in widget["optgroups"]:
        if heading:
            parts.append(f'\n  <optgroup label="{conditional_escape(heading)}">')
        for option in options:
            if option["template_name"] != f"{FOLDER}/select_option.html":
                return None
            parts.append(_option(option))
        if heading:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


WRITERS: dict[str, Callable[[Widget], str | None]] = {
    **{
        f"{FOLDER}/{name}.html": _input
        for name in ("input", "text", "number", "email", "url", "password", "hidden", "date")
    },
    **{f"{FOLDER}/{name}.html": _input for name in ("checkbox", "file", "datetime", "time")},
    f"{FOLDER}/checkbox_option.html": _option_input,
    f"{FOLDER}/radio_option.html": _option_input,
    f"{FOLDER}/textarea.html": _textarea,
    f"{FOLDER}/select.html": _select,
}
