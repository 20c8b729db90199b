"""PDF: same input, same bytes; and no way from a document to a file or the network."""

from __future__ import annotations

import base64
import io
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from pypdf import PdfReader
from pypdf.generic import StreamObject
from pytest_django import Settings

from bansos.lib import checks, pdf, static_files
from bansos.lib.pdf import PdfFailed, Refusals, render_pdf
from bansos.lib.qr import qr_svg

SECRET = "RAHASIA7391"
PAGE = (
    "<!DOCTYPE html><html lang=id><head><title>Uji</title>{head}</head><body>{body}</body></html>"
)


def page(body: str = "", head: str = "") -> str:
    return PAGE.format(head=head, body=body)


def everything_in(content: bytes) -> str:
    """Text and every decoded stream of a PDF."""
    reader = PdfReader(io.BytesIO(content))
    parts = [page.extract_text() for page in reader.pages]
    for number in range(1, len(reader.xref[0]) + 1):
        found = reader.get_object(number)
        if isinstance(found, StreamObject):
            parts.append(found.get_data().decode("latin-1"))
    return "\n".join(parts)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "rahasia.txt"
    path.write_text(SECRET)
    return path


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        pytest.fail("a document reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def svg_data(inner: str) -> str:
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{inner}</svg>"
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


NESTED = "<image href='file:///etc/hostname' width='9' height='9' />"
PAYLOADS: dict[str, tuple[str, str]] = {
    "img file": ("<img src='{file}'>", ""),
    "img FILE": ("<img src='FILE://{path}'>", ""),
    "img file one slash": ("<img src='file:{path}'>", ""),
    "img file localhost": ("<img src='file://localhost{path}'>", ""),
    "img absolute path": ("<img src='{path}'>", ""),
    "img dots": ("<img src='/static/../../../../../..{path}'>", ""),
    "img encoded dots": ("<img src='/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e{path}'>", ""),
    "img twice encoded": ("<img src='/static/%252e%252e/%252e%252e{path}'>", ""),
    "img backslashes": ("<img src='/static/..%5c..%5c..%5c{path}'>", ""),
    "img double slash": ("<img src='/static//{path}'>", ""),
    "img nul": ("<img src='/static/css/theme.css%00.png'>", ""),
    "img metadata": ("<img src='http://169.254.169.254/latest/meta-data/'>", ""),
    "img https": ("<img src='https://example.org/x.png'>", ""),
    "img no scheme": ("<img src='//example.org/x.png'>", ""),
    "img user": ("<img src='http://static.invalid@example.org/static/x.png'>", ""),
    "img host suffix": ("<img src='http://static.invalid.example.org/static/x.png'>", ""),
    "img port": ("<img src='http://static.invalid:8000/static/vendor/icons.svg'>", ""),
    "img ftp": ("<img src='ftp://example.org/x.png'>", ""),
    "img gopher": ("<img src='gopher://127.0.0.1:6379/_INFO'>", ""),
    "img srcset": ("<img srcset='{file} 2x' src='{file}'>", ""),
    "link attachment": ("", "<link rel=attachment href='{file}'>"),
    "link Attachment": ("", "<link rel='x Attachment' href='{file}'>"),
    "link attachment http": ("", "<link rel=attachment href='http://127.0.0.1:5432/'>"),
    "link attachment data": ("", f"<link rel=attachment href='data:text/plain,{SECRET}'>"),
    "a attachment": ("<a rel=attachment href='{file}'>berkas</a>", ""),
    "a attachment data": (f"<a rel=attachment href='data:text/plain,{SECRET}'>berkas</a>", ""),
    "a attachment static": ("<a rel=attachment href='/static/css/theme.css'>berkas</a>", ""),
    "link stylesheet": ("", "<link rel=stylesheet href='{file}'>"),
    "style import": ("", "<style>@import url({file});</style>"),
    "style import nested": ("", "<link rel=stylesheet href='data:text/css,@import url({file});'>"),
    "style font": ("x", "<style>@font-face{{font-family:x;src:url({file})}}</style>"),
    "style background": ("x", "<style>body{{background:url({file})}}</style>"),
    "style content": ("x", "<style>body::before{{content:url({file})}}</style>"),
    "style list": ("<ul><li>x</ul>", "<style>li{{list-style-image:url({file})}}</style>"),
    "style page": ("x", "<style>@page{{background:url({file})}}</style>"),
    "base file": ("<img src='{path}'>", "<base href='file:///'>"),
    "base http": ("<img src='/static/x.png'>", "<base href='http://169.254.169.254/'>"),
    "object": ("<object data='{file}'></object>", ""),
    "embed": ("<embed src='{file}'>", ""),
    "iframe": ("<iframe src='{file}'></iframe>", ""),
    "svg image": ("<svg width=9 height=9><image href='{file}' width=9 height=9 /></svg>", ""),
    "svg use": ("<svg width=9 height=9><use href='{file}#x' /></svg>", ""),
    "svg in data": (f"<img src='{svg_data(NESTED)}'>", ""),
    "svg entity": (
        (
            "<img src=\"data:image/svg+xml,<!DOCTYPE svg [<!ENTITY x SYSTEM '{file}'>]>"
            "<svg xmlns='http://www.w3.org/2000/svg'><text>&x;</text></svg>\">"
        ),
        "",
    ),
}  # fmt: skip

# WeasyPrint itself does not follow these; they stay here in case a later version does.
NEVER_FETCHED = {"iframe", "svg use", "svg entity", "svg in data"}


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_document_reaches_neither_files_nor_network(name: str, secret: Path) -> None:
    body, head = PAYLOADS[name]
    words = {"file": secret.as_uri(), "path": str(secret)}
    refusals = Refusals()
    html = page(body.format(**words), head.format(**words))
    content = render_pdf(html, refusals=refusals)
    assert content.startswith(b"%PDF-")
    assert SECRET not in everything_in(content)
    reader = PdfReader(io.BytesIO(content))
    assert not reader.attachments
    assert "/FileAttachment" not in everything_in(content)
    if name not in NEVER_FETCHED:
        assert refusals.urls, "the payload was never tried: it tests nothing"


@pytest.mark.usefixtures("no_network")
def test_a_resource_the_layout_cannot_do_without_fails_the_pdf(secret: Path) -> None:
    head = f"<style>@color-profile device-cmyk{{src:url({secret.as_uri()})}}</style>"
    with pytest.raises(PdfFailed):
        render_pdf(page("x", head))


@pytest.mark.usefixtures("no_network")
def test_refusals_are_logged_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    render_pdf(page("<img src='http://example.org/3519011208570001?nik=1'>"), refusals=refusals)
    ours = [record.getMessage() for record in caplog.records if record.name == "bansos.lib.pdf"]
    assert ours == ["PDF: a resource was refused (http)"]
    assert refusals.urls == ["http://example.org/3519011208570001"]


def test_own_static_files_and_data_are_read(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "static"
    (folder / "css").mkdir(parents=True)
    (folder / "css" / "uji.css").write_text("@import 'dua.css'; h1::before{content:'Satu '}")
    (folder / "css" / "dua.css").write_text("h1::after{content:' Dua'}")
    settings.STATICFILES_DIRS = [folder]
    refusals = Refusals()
    content = render_pdf(
        page(f"<h1>Isi</h1><img alt='' src=\"{svg_data('<rect width=%229%22 />')}\">"),
        stylesheets=["css/uji.css"],
        refusals=refusals,
    )
    assert PdfReader(io.BytesIO(content)).pages[0].extract_text().split() == ["Satu", "Isi", "Dua"]
    assert [url for url in refusals.urls if "fonts" not in url] == []


def test_hashed_names_come_from_static_root(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "uji.1a2b.css").write_text("h1{color:red}")
    assert static_files.find("uji.1a2b.css") == (tmp_path / "uji.1a2b.css").resolve()
    assert static_files.find("uji.none.css") is None


def test_a_link_out_of_the_static_folder_is_not_followed(
    tmp_path: Path, secret: Path, settings: Settings
) -> None:
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "uji.css").symlink_to(secret)
    settings.STATICFILES_DIRS = [folder]
    settings.STATIC_ROOT = folder
    assert static_files.find("uji.css") is None
    with pytest.raises(PdfFailed):
        render_pdf(page("x"), stylesheets=["uji.css"])


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "/static/", "/static/../x", "/static/a/../../x", "/static/./x", "/x", ""],
)
def test_names_outside_static_are_none(path: str) -> None:
    assert static_files.name_from_path(path) is None


def test_find_refuses_to_climb() -> None:
    assert static_files.find("../manage.py") is None


@pytest.mark.parametrize("name", ["css/tidak-ada.css", "../manage.py", "js/x.js"])
def test_a_missing_stylesheet_stops_the_letter(name: str) -> None:
    with pytest.raises(PdfFailed, match="missing"):
        render_pdf(page("x"), stylesheets=[name])


def test_same_input_same_bytes_in_two_processes() -> None:
    code = (
        "import django, hashlib; django.setup(); from bansos.lib.pdf import render_pdf;"
        "print(hashlib.sha256(render_pdf('<html lang=id><title>a</title>"
        "<h1>Surat</h1><p><b>satu</b> <i>dua</i> •</p>')).hexdigest())"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1


def test_created_is_the_only_date() -> None:
    plain = PdfReader(io.BytesIO(render_pdf(page("x"))))
    assert plain.metadata is not None
    assert "/CreationDate" not in plain.metadata
    moment = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    dated = PdfReader(io.BytesIO(render_pdf(page("x"), created=moment)))
    assert dated.metadata is not None
    assert dated.metadata.creation_date == moment
    assert dated.metadata.title == "Uji"


def test_pdf_is_tagged_speaks_indonesian_and_carries_our_font() -> None:
    content = render_pdf(page("<h1>Surat • <b>é</b></h1>" + qr_svg("https://a.id/x")))
    reader = PdfReader(io.BytesIO(content))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "id"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    fonts: Any = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert all("Noto-Sans" in font.get_object()["/BaseFont"] for font in fonts.values())


def test_a_fatal_fetch_becomes_an_ordinary_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.urls import FatalURLFetchingError

    def fatal(url: str) -> NoReturn:
        raise FatalURLFetchingError(url)

    monkeypatch.setattr(pdf, "read_static", fatal)
    with pytest.raises(PdfFailed):
        render_pdf(page("<img src='/static/x.png'>"))


def test_missing_pango_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> NoReturn:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(checks, "import_module", missing)
    monkeypatch.setattr(pdf, "import_module", missing)
    (warning,) = checks.pdf_libraries()
    assert warning.id == "bansos.W001"
    assert "apt-get install" in str(warning.hint)
    with pytest.raises(PdfFailed, match="Pango"):
        render_pdf(page("x"))


def test_missing_fonts_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.pdf_libraries() == []
    assert checks.pdf_fonts() == []
    monkeypatch.setattr(checks, "static_files", SimpleNamespace(find=lambda _name: None))
    (warning,) = checks.pdf_fonts()
    assert warning.id == "bansos.W002"
