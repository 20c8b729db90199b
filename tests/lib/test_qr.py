"""QR codes: safe to inline, honest about what they may hold."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

from bansos.lib.qr import qr_svg

URL = "https://bansos.jatimprov.go.id/d/7KQ2-MZ4P"
SVG = "{http://www.w3.org/2000/svg}"


def test_svg_is_well_formed_labelled_and_free_of_styles() -> None:
    svg = qr_svg(URL)
    root = fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert root.get("viewBox")
    names = {name for element in root.iter() for name in element.attrib}
    assert "style" not in names
    assert not any(name.startswith("on") for name in names)
    assert "<style" not in svg
    assert "<script" not in svg


def test_black_on_white_in_every_theme() -> None:
    svg = qr_svg(URL)
    assert "#fff" in svg
    assert "#000" in svg


def test_same_address_same_picture() -> None:
    assert qr_svg(URL) == qr_svg(URL)
    assert qr_svg(URL) != qr_svg(URL + "x")


def test_label_is_escaped() -> None:
    svg = qr_svg(URL, label='"><script>alert(1)</script>')
    assert "<script" not in svg
    assert fromstring(svg).get("aria-label") == '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://a.id/x",
        "//a.id/x",
        "bansos",
        "",
        "https://",
        "https://user:rahasia@a.id/",
        "https://a.id/?nik=3519011208570001",
        "https://a.id/" + "x" * 300,
    ],
)
def test_other_contents_are_refused(url: str) -> None:
    with pytest.raises(ValueError):
        qr_svg(url)
