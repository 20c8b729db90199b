"""HTML to PDF by WeasyPrint, which here can read the project's static files and nothing else."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from bansos.lib import static_files

logger = logging.getLogger(__name__)

# Relative addresses in a document lead here; the name never leaves this process.
BASE_URL = "http://static.invalid/"
MIME_TYPES = {
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
FONT_FOLDER = "vendor/fonts"
_LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,"
    "U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
_LATIN_EXT = (
    "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0300-036F,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,U+20AD-20C0,U+2C60-2C7F,U+A720-A7FF"
)
FONT_FACES = (
    *(("400", "normal"), ("400", "italic")),
    *(("600", "normal"), ("700", "normal")),
)


class PdfFailed(Exception):
    """The PDF could not be made; no bytes were written anywhere."""


@dataclass
class Refusals:
    """What a document asked for and did not get: addresses without their query."""

    urls: list[str] = field(default_factory=list)

    def add(self, url: str) -> None:
        """Note it and log the kind only: an address may carry personal data."""
        scheme = urlsplit(url).scheme or "relative"
        self.urls.append(url.split("?")[0][:200])
        logger.warning("PDF: a resource was refused (%s)", scheme[:20])


def font_file(subset: str, weight: str, style: str) -> str:
    """Static name of a Noto Sans file as the set-up copies it."""
    return f"{FONT_FOLDER}/noto-sans-{subset}-{weight}-{style}.woff2"


def font_css() -> str:
    """@font-face rules of Noto Sans, so that a PDF looks the same on every machine."""
    prefix = "/" + urlsplit(str(settings.STATIC_URL)).path.strip("/")
    rules = [
        f"@font-face{{font-family:'Noto Sans';font-weight:{weight};font-style:{style};"
        f"src:url({prefix}/{font_file(subset, weight, style)}) format('woff2');"
        f"unicode-range:{ranges}}}"
        for weight, style in FONT_FACES
        for subset, ranges in (("latin", _LATIN), ("latin-ext", _LATIN_EXT))
    ]
    return "\n".join((*rules, "html{font-family:'Noto Sans',sans-serif}"))


def read_static(url: str) -> tuple[bytes, str]:
    """Bytes and MIME type of a static file by an address under BASE_URL; ValueError otherwise."""
    if not url.startswith(BASE_URL):
        raise ValueError("Only the project's own static files and data: addresses.")
    name = static_files.name_from_path(urlsplit(url).path)
    mime_type = MIME_TYPES.get(PurePosixPath(name).suffix.lower()) if name else None
    if name is None or mime_type is None:
        raise ValueError("Not a static file a document may use.")
    path = static_files.find(name)
    if path is None:
        raise ValueError("No such static file.")
    if path.suffix == ".woff2":
        return _plain_font(path, path.stat().st_mtime_ns), "font/ttf"
    return path.read_bytes(), mime_type


@lru_cache(maxsize=32)
def _plain_font(path: Path, _changed: int) -> bytes:
    """The font unpacked once per process; WeasyPrint would do it for every PDF (0.5 s)."""
    plain = io.BytesIO()
    with path.open("rb") as packed:
        import_module("fontTools.ttLib.woff2").decompress(packed, plain)
    return plain.getvalue()


@lru_cache(maxsize=1)
def _fetcher_class() -> Any:
    """Built at first use: importing WeasyPrint needs Pango on the machine."""
    urls = import_module("weasyprint.urls")

    class StaticFetcher(urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Static files and data: only. A refusal is an ordinary error that WeasyPrint skips."""

        def __init__(self, refusals: Refusals) -> None:
            super().__init__(
                allowed_protocols=["data"], allow_redirects=False, fail_on_errors=False
            )
            self.refusals = refusals

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url[:5].lower() == "data:":
                return super().fetch(url, headers)
            try:
                body, mime_type = read_static(url)
            except (ValueError, OSError):
                self.refusals.add(url)
                raise
            return urls.URLFetcherResponse(url, body, {"Content-Type": mime_type})

    return StaticFetcher


def _without_attachments(tree: Any, refusals: Refusals) -> None:
    """A document carries no files inside: rel=attachment goes, wherever it stands."""
    for element in tree.iter():
        relation = element.get("rel", "") if isinstance(element.tag, str) else ""
        if "attachment" in relation.lower().split():
            refusals.add(element.get("href", ""))
            del element.attrib["rel"]
            element.attrib.pop("href", None)


def _stylesheets(names: Sequence[str], fetcher: Any, fonts: Any) -> list[Any]:
    weasyprint = import_module("weasyprint")
    sheets = [
        weasyprint.CSS(string=font_css(), base_url=BASE_URL, url_fetcher=fetcher, font_config=fonts)
    ]
    prefix = urlsplit(str(settings.STATIC_URL)).path.strip("/")
    for name in names:
        url = f"{BASE_URL}{prefix}/{name}"
        try:
            text = read_static(url)[0].decode()
        except (ValueError, OSError) as error:
            raise PdfFailed(f"Stylesheet {name} is missing.") from error
        sheets.append(
            weasyprint.CSS(string=text, base_url=url, url_fetcher=fetcher, font_config=fonts)
        )
    return sheets


def render_pdf(
    html: str,
    *,
    stylesheets: Sequence[str] = (),
    pdf_variant: str | None = "pdf/ua-1",
    created: datetime | None = None,
    refusals: Refusals | None = None,
) -> bytes:
    """PDF bytes of a complete HTML page.

    `stylesheets` are static names ("css/document.css"); a missing one raises PdfFailed, because
    a letter without its form must not leave. Whatever else the HTML asks for outside the static
    files is skipped, logged and noted in `refusals`. The same HTML, files and `created` give the
    same bytes: no clock, no random identifier. Raises PdfFailed, never a BaseException.
    """
    noted = refusals if refusals is not None else Refusals()
    try:
        weasyprint = import_module("weasyprint")
        fatal = import_module("weasyprint.urls").FatalURLFetchingError
        fonts_module = import_module("weasyprint.text.fonts")
    except OSError as error:
        raise PdfFailed("Pango is missing on this machine; see the system check.") from error
    fetcher = _fetcher_class()(noted)
    fonts = fonts_module.FontConfiguration()
    try:
        page = weasyprint.HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher)
        _without_attachments(page.etree_element, noted)
        document = page.render(
            font_config=fonts, stylesheets=_stylesheets(stylesheets, fetcher, fonts)
        )
        document.metadata.attachments = []
        document.metadata.created = document.metadata.modified = (
            created.isoformat(timespec="seconds") if created is not None else None
        )
        result: bytes = document.write_pdf(
            pdf_variant=pdf_variant,
            pdf_identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode(),
        )
    except (fatal, OSError) as error:
        # A fatal fetch derives from BaseException: left alone it would end the worker.
        raise PdfFailed("A resource of the document could not be read.") from error
    return result
