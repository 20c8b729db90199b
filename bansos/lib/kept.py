"""Parts of the frame that are the same for many requests: rendered once, then kept as text.

A kept part sees nothing but the values it is given, and all of them are its key: it can show no
one else's name. What differs on every request stands as a mark and is filled in at the end.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

# Signs of the private area: no name and no address holds them, and no escaping changes them.
TOKEN, PATH = "\ue000token\ue000", "\ue000path\ue000"
MOST = 512


class KeptNode(Node):
    """Renders its template from the key alone, once per key and language."""

    def __init__(self, name: str, values: dict[str, FilterExpression]) -> None:
        self.name, self.values = name, values

    def render(self, context: Context) -> SafeString:
        # A page without a user says nothing of one: what is missing is None, as in an "if".
        key = tuple(
            (name, value.resolve(context, ignore_failures=True))
            for name, value in self.values.items()
        )
        write = _write.__wrapped__ if settings.DEBUG else _write
        text = write(self.name, get_language(), key)
        if TOKEN in text:
            text = text.replace(TOKEN, str(context.get("csrf_token") or ""))
        if PATH in text:
            request = context.get("request")
            text = text.replace(PATH, conditional_escape(request.path if request else ""))
        return SafeString(text)


@lru_cache(maxsize=MOST)
def _write(name: str, _language: str | None, key: tuple[tuple[str, Any], ...]) -> str:
    marks = {"csrf_token": TOKEN, "path": PATH}
    found: str = get_template(name).template.render(Context({**dict(key), **marks}))  # type: ignore[attr-defined]
    return found


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """`{% kept "menu.html" nav=nav %}`: the part from these values, `csrf_token` and `path`."""
    _tag, name, *rest = token.split_contents()
    values = {}
    for word in rest:
        key, mark, expression = word.partition("=")
        if not mark:
            raise template.TemplateSyntaxError(f"kept: {word!r} is not name=value")
        values[key] = parser.compile_filter(expression)
    return KeptNode(name.strip("\"'"), values)


@cache
def picture(name: str) -> str:
    """The address of one picture of the sprite; the files do not change while we run."""
    return f"{static('vendor/icons.svg')}#{name}"
