"""House rules for every template: safe under a strict policy, plain words, known icons."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from bansos.accounts.navigation import MENU
from bansos.lib.parts import TONE_ICONS

ROOT = Path(settings.BASE_DIR)
# What is rendered to paper has its own rules (inline page styles are allowed there).
PAPER = ROOT / "templates" / "documents"
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if PAPER not in path.parents
)
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
BANNED = ("upload", "download", "submit", "approve", "dashboard", "user", "error", "dtks")
BANNED_PHRASES = ("kas negara",)
COMMENT = re.compile(r"{#.*?#}|{% comment .*?endcomment %}", re.DOTALL)
WORDS = re.compile(r"""{%\s*translate\s+(?:"([^"]*)"|'([^']*)')""")
BLOCK = re.compile(r"{%\s*blocktranslate.*?%}(.*?){%\s*endblocktranslate", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def code(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def visible(path: Path) -> str:
    """The words a person reads or hears: text, and the attributes that are read out."""
    text = code(path)
    spoken = [a or b for a, b in WORDS.findall(text)] + BLOCK.findall(text)
    spoken += re.findall(r'(?:alt|title|placeholder|aria-label)="([^"{]*)"', text)
    spoken += re.findall(r'(?:label|title|hint|word|caption|summary)="([^"{]*)"', text)
    bare = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    bare = re.sub(r"<(script|style|code)\b.*?</\1>", " ", bare, flags=re.DOTALL)
    return " ".join([*spoken, re.sub(r"<[^>]*>", " ", bare)])


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
class TestEveryTemplate:
    def test_it_is_safe_under_the_content_security_policy(self, path: Path) -> None:
        text = code(path)
        assert not re.search(r"<[^>]*\sstyle\s*=", text), "inline style"
        assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "inline handler"
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), "script without src"
        assert "<style" not in text
        assert "hx-on" not in text
        assert "javascript:" not in text
        assert not re.search(r'(?:src|href)="https?://', text), "address of another host"

    def test_it_speaks_plain_indonesian(self, path: Path) -> None:
        words = visible(path).lower()
        for banned in BANNED:
            assert not re.search(rf"\b{banned}s?\b", words), banned
        for phrase in BANNED_PHRASES:
            assert phrase not in words

    def test_every_posted_form_carries_its_token(self, path: Path) -> None:
        for form in re.findall(r'<form[^>]*method="post".*?</form>', code(path), re.DOTALL):
            assert "{% csrf_token %}" in form

    def test_it_uses_known_icons(self, path: Path) -> None:
        known = set((ROOT / "static" / "icons.txt").read_text().split())
        used = re.findall(r'{%\s*icon\s+name="([^"]+)"', code(path))
        used += re.findall(r'\sicon="([^"{]+)"', code(path))
        assert set(used) - known == set()

    def test_it_stays_short(self, path: Path) -> None:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


def icons_in(path: Path) -> set[str]:
    """Icon names in Word(tone, words, icon), Action(words, href, icon) and icon=..."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        third = node.args[2:3] if called in {"Word", "Action"} else []
        named = [keyword.value for keyword in node.keywords if keyword.arg == "icon"]
        found |= {str(v.value) for v in [*third, *named] if isinstance(v, ast.Constant)}
    return found - {""}


def test_code_uses_known_icons() -> None:
    known = set((ROOT / "static" / "icons.txt").read_text().split())
    rooms = ("bansos", "beneficiaries", "programs", "disbursements", "monitoring")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    unknown = {path.name: icons_in(path) - known for path in files if icons_in(path) - known}
    assert unknown == {}


def test_menu_and_tones_use_known_icons() -> None:
    known = set((ROOT / "static" / "icons.txt").read_text().split())
    used = {icon for _label, icon, _items in MENU}
    used |= {item.icon for _label, _icon, items in MENU for item in items}
    assert (used | set(TONE_ICONS.values())) - known == set()


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_keep_to_the_browser_floor(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    for newer in (":has(", "color-mix(", "oklch(", "light-dark(", "@container", "popover"):
        assert newer not in text, newer
    assert not re.search(r"\n\s*&", text), "nesting"
    assert not re.search(r"\b(?:rgb|hsl)a?\(", text), "colours are hex only"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_keep_to_the_policy(path: Path) -> None:
    text = path.read_text()
    for newer in ("eval(", "new Function", "innerHTML", "document.write", "insertAdjacentHTML"):
        assert newer not in text, newer
    assert not re.search(r"\.style\b", text), "inline style"


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def blocks() -> dict[str, dict[str, str]]:
    text = (ROOT / "static" / "css" / "theme.css").read_text()
    found: dict[str, dict[str, str]] = {}
    for selector, body in re.findall(r"^([^\n{}@/]+) {\n((?:  --[^\n]+\n)+)}", text, re.MULTILINE):
        values = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", body))
        found.setdefault(selector, {}).update(values)
    return found


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_pass_in_both_themes(mode: str) -> None:
    found = blocks()
    tokens = {**found[":root"], **(found['[data-bs-theme="dark"]'] if mode == "dark" else {})}
    for ground in ("--b-bg", "--b-surface", "--b-raised", "--b-row-hover"):
        assert contrast(tokens["--b-text"], tokens[ground]) >= 7
        assert contrast(tokens["--b-muted"], tokens[ground]) >= 4.5
        assert contrast(tokens["--b-line-strong"], tokens[ground]) >= 3
    for tone in ("netral", "info", "menunggu", "baik", "masalah"):
        assert contrast(tokens[f"--b-{tone}-text"], tokens[f"--b-{tone}-bg"]) >= 4.5


@pytest.mark.parametrize("agency", ["jatim", "jambi", "kaltim"])
def test_the_colours_of_each_agency_pass(agency: str) -> None:
    found = blocks()
    palette = found[f'[data-agency="{agency}"]']
    dark = found['[data-bs-theme="dark"]']
    assert contrast(palette["--bansos-merek"], "#ffffff") >= 4.5
    assert contrast(palette["--bansos-merek"], palette["--b-brand-tint"]) >= 4.5
    assert contrast(palette["--b-brand-deep"], "#ffffff") >= 7
    assert contrast(palette["--b-brand-light"], dark["--b-surface"]) >= 4.5
    assert contrast(palette["--b-brand-light"], palette["--b-brand-shade"]) >= 4.5
