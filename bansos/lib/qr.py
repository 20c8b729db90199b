"""QR codes as inline SVG, the same in the browser (strict CSP) and in a PDF."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

import segno
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

_PERSONAL = re.compile(r"[0-9]{16}")
MOST_CHARACTERS = 300


def qr_svg(url: str, *, label: str | None = None) -> SafeString:
    """A QR code of a check page's address.

    Error correction M survives a stamp or a fold. Black on a white ground in every theme,
    because phones do not read an inverted code. Raises ValueError for anything but a plain
    http(s) address, for one with 16 digits in a row (a NIK must never be printed in a code) and
    for one longer than a printed code can carry.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.username is not None:
        raise ValueError("A QR code holds an http or https address without a password.")
    if _PERSONAL.search(url):
        raise ValueError("A QR code never holds a NIK or KK number.")
    if len(url) > MOST_CHARACTERS:
        raise ValueError("The address is too long for a code that is to be printed.")
    buffer = io.BytesIO()
    segno.make(url, micro=False, error="m", boost_error=False).save(
        buffer,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        nl=False,
        svgclass="qr",
        lineclass="qr-dark",
        dark="#000000",
        light="#ffffff",
    )
    words = escape(label if label is not None else _("Kode QR untuk memeriksa keaslian"))
    svg = buffer.getvalue().decode()
    marked = svg.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1)
    return mark_safe(marked)  # noqa: S308 - segno's own drawing; the label is escaped
