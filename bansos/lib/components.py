"""Page components as template tags: keyword-only, so a wrong name fails when the page compiles.

Every tag has its template in templates/components/ and stands on the /components/ page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bansos.lib import dates, money
from bansos.lib.cells import cell_html, cell_text, datetime_text, language
from bansos.lib.kept import picture
from bansos.lib.parts import (
    TONE_ICONS,
    Change,
    Check,
    Chip,
    Crumb,
    Event,
    FileRow,
    Head,
    JobCard,
    Pair,
    Round,
    Stat,
    Tab,
    Task,
    Word,
    checked_tone,
)

register = template.Library()

VARIANTS = {
    "utama": "btn-primary",
    "biasa": "btn-outline-secondary b-btn-plain",
    "bahaya": "btn-danger",
    "polos": "btn-link b-btn-bare",
}
BUTTON_TYPES = {"submit", "button"}
FOLDER = "components"

register.filter("cell", cell_html)


@register.filter
def rupiah(value: Decimal | None) -> str:
    return "" if value is None else money.rupiah(value)


@register.filter
def number(value: Decimal | int | None) -> str:
    return "" if value is None else money.number(value)


@register.filter
def terbilang(value: Decimal | None) -> str:
    return "" if value is None else money.terbilang_rupiah(value)


@register.filter
def long_date(value: date | None) -> str:
    return "" if value is None else dates.long_date(value, language())


@register.filter
def short_date(value: date | None) -> str:
    return "" if value is None else dates.short_date(value)


@register.filter
def datetime_words(value: datetime | None) -> str:
    """On the reader's own clock, which the request has activated."""
    return "" if value is None else datetime_text(value)


def _variant(variant: str) -> str:
    if variant not in VARIANTS:
        raise ValueError(f"unknown variant {variant!r}; one of {', '.join(VARIANTS)}")
    return VARIANTS[variant]


# Leaves: words and numbers


@register.simple_tag
def icon(*, name: str, label: str = "") -> SafeString:
    """One picture of the sprite; decoration unless it has a label."""
    if not label:
        return _icon(name)
    return format_html(
        '<svg class="b-icon" role="img" aria-label="{}"><use href="{}"></use></svg>',
        label,
        picture(name),
    )


@lru_cache(maxsize=512)
def _icon(name: str) -> SafeString:
    return format_html(
        '<svg class="b-icon" aria-hidden="true"><use href="{}"></use></svg>', picture(name)
    )


@register.inclusion_tag(f"{FOLDER}/badge.html")
def badge(*, tone: str, word: str, icon: str = "") -> dict[str, Any]:
    return {"tone": checked_tone(tone), "word": word, "icon_name": icon or TONE_ICONS[tone]}


@register.inclusion_tag(f"{FOLDER}/badge.html")
def status(*, word: Word | None) -> dict[str, Any]:
    if word is None:
        return {"tone": "", "word": "", "icon_name": ""}
    return {"tone": word.tone, "word": word.label, "icon_name": word.shown_icon}


@register.inclusion_tag(f"{FOLDER}/amount.html")
def amount(*, value: Decimal | None) -> dict[str, Any]:
    return {"text": "" if value is None else money.rupiah(value)}


@register.inclusion_tag(f"{FOLDER}/amount_big.html")
def amount_big(
    *, label: str, value: Any, note: str = "", href: str = "", tone: str = ""
) -> dict[str, Any]:
    tone = checked_tone(tone) if tone else ""
    return {"label": label, "text": cell_text(value), "note": note, "href": href, "tone": tone}


@register.inclusion_tag(f"{FOLDER}/stat_row.html")
def stat_row(*, items: Sequence[Stat]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag(f"{FOLDER}/budget_bar.html")
def budget_bar(*, ceiling: Decimal, committed: Decimal, paid: Decimal) -> dict[str, Any]:
    """`committed` is what is reserved and not yet paid; the rest is what is left."""
    left = ceiling - committed - paid
    whole = max(ceiling, committed + paid, Decimal(1))
    paid_width = int(paid * 1000 / whole)
    committed_width = int(committed * 1000 / whole)
    return {
        "ceiling": ceiling,
        "committed": committed,
        "paid": paid,
        "left": left,
        "over": left < 0,
        "paid_width": paid_width,
        "committed_width": committed_width,
        "percent": money.number(int(paid * 100 / whole)),
    }


@register.inclusion_tag(f"{FOLDER}/masked.html")
def masked(*, value: str, label: str, unmask_href: str = "") -> dict[str, Any]:
    return {"value": value, "label": label, "unmask_href": unmask_href}


@register.inclusion_tag(f"{FOLDER}/unmasked.html")
def unmasked(*, value: str, masked: str, label: str) -> dict[str, Any]:
    """The whole number after its purpose was given; it goes back behind its mask in a minute."""
    return {"value": value, "masked": masked, "label": label}


@register.inclusion_tag(f"{FOLDER}/fingerprint.html")
def fingerprint(*, value: str, label: str = "") -> dict[str, Any]:
    return {"value": value, "short": f"{value[:8]} … {value[-8:]}", "label": label}


@register.inclusion_tag(f"{FOLDER}/progress.html")
def progress(*, done: int, total: int, label: str) -> dict[str, Any]:
    percent = min(100, done * 100 // total) if total else 0
    return {"done": done, "total": total, "label": label, "percent": percent}


# Leaves: forms


def _widget_class(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


def _options(bound: BoundField) -> list[BoundWidget]:
    """The single choices of a group, each with the look of a tick."""
    attrs = {**bound.build_widget_attrs({}), "id": bound.auto_id, "class": "form-check-input"}
    widget = bound.field.widget
    return [
        BoundWidget(widget, data, bound.form.renderer)
        for data in widget.subwidgets(bound.html_name, bound.value(), attrs=attrs)
    ]


def _field_context(
    bound: BoundField, why: str = "", label: str = "", hint: str | None = None, **attrs: str
) -> dict[str, Any]:
    widget = bound.field.widget
    words = bound.help_text if hint is None else hint
    if label:
        attrs["placeholder"] = ""
    ident = bound.id_for_label or bound.auto_id
    classes = [widget.attrs.get("class", ""), _widget_class(bound)]
    if bound.errors:
        classes.append("is-invalid")
    described = [
        *([f"{ident}_petunjuk"] if words else []),
        *([f"{ident}_galat"] if bound.errors else []),
        *([f"{ident}_gema"] if "data-echo" in widget.attrs else []),
    ]
    attrs["class"] = " ".join(name for name in classes if name)
    if described:
        attrs["aria-describedby"] = " ".join(described)
    group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return {
        "bound": bound,
        "ident": ident,
        "widget": "" if group else bound.as_widget(attrs=dict(attrs)),
        "single_check": isinstance(widget, forms.CheckboxInput),
        "group": group,
        "options": _options(bound) if group else [],
        "described": " ".join(described),
        "has_echo": "data-echo" in widget.attrs,
        "required": bound.field.required,
        "label": label or bound.label,
        "hint": words,
        "why": why,
    }


@register.inclusion_tag(f"{FOLDER}/field.html")
def field(
    *, bound: BoundField, why: str = "", label: str = "", hint: str | None = None
) -> dict[str, Any]:
    """`label` and `hint` replace the form's own words, for forms of other libraries."""
    return _field_context(bound, why, label, hint)


@register.inclusion_tag(f"{FOLDER}/file_drop.html")
def file_drop(*, bound: BoundField, accept: str = "", note: str = "") -> dict[str, Any]:
    attrs = {"accept": accept} if accept else {}
    return {**_field_context(bound, **attrs), "note": note}


@register.inclusion_tag(f"{FOLDER}/form_fields.html")
def form_fields(*, form: forms.BaseForm) -> dict[str, Any]:
    return {"form": form, "hidden": form.hidden_fields(), "visible": form.visible_fields()}


@register.inclusion_tag(f"{FOLDER}/error_summary.html")
def error_summary(*, form: forms.BaseForm) -> dict[str, Any]:
    wrong = [bound for bound in form if bound.errors]
    general = form.non_field_errors()
    return {"wrong": wrong, "general": general, "count": len(wrong) + len(general)}


def _button_context(label: str, variant: str, icon: str, disabled_because: str) -> dict[str, Any]:
    return {
        "label": label,
        "css": _variant(variant),
        "icon_name": icon,
        "disabled_because": disabled_because,
    }


@register.inclusion_tag(f"{FOLDER}/button.html")
def button(
    *,
    label: str,
    variant: str = "biasa",
    icon: str = "",
    type: str = "submit",  # noqa: A002 - the HTML word
    name: str = "",
    value: str = "",
    half_filled: bool = False,
    disabled_because: str = "",
) -> dict[str, Any]:
    if type not in BUTTON_TYPES:
        raise ValueError(f"unknown button type {type!r}")
    context = _button_context(label, variant, icon, disabled_because)
    return {**context, "type": type, "name": name, "value": value, "half_filled": half_filled}


@register.inclusion_tag(f"{FOLDER}/link_button.html")
def link_button(
    *, label: str, href: str, variant: str = "biasa", icon: str = "", disabled_because: str = ""
) -> dict[str, Any]:
    return {**_button_context(label, variant, icon, disabled_because), "href": href}


@register.inclusion_tag(f"{FOLDER}/post_button.html", takes_context=True)
def post_button(
    context: Context,
    *,
    label: str,
    action: str,
    variant: str = "biasa",
    icon: str = "",
    name: str = "",
    value: str = "",
    disabled_because: str = "",
) -> dict[str, Any]:
    return {
        "csrf_token": context.get("csrf_token"),
        "label": label,
        "action": action,
        "variant": variant,
        "button_icon": icon,
        "name": name,
        "value": value,
        "disabled_because": disabled_because,
    }


@register.inclusion_tag(f"{FOLDER}/details_why.html")
def details_why(*, text: str, label: str = "") -> dict[str, Any]:
    return {"text": text, "label": label}


# Leaves: lists of small records


@register.inclusion_tag(f"{FOLDER}/timeline.html")
def timeline(*, events: Sequence[Event]) -> dict[str, Any]:
    return {"events": events}


@register.inclusion_tag(f"{FOLDER}/stepper.html")
def stepper(*, steps: Sequence[str], current: int) -> dict[str, Any]:
    """`current` counts from 0; len(steps) means that everything is done."""
    if not 0 <= current <= len(steps):
        raise ValueError(f"step {current} of {len(steps)}")
    states = ["selesai" if place < current else "nanti" for place in range(len(steps))]
    if current < len(steps):
        states[current] = "kini"
    rows = [(place + 1, label, states[place]) for place, label in enumerate(steps)]
    return {"rows": rows}


@register.inclusion_tag(f"{FOLDER}/tasklist.html")
def tasklist(*, items: Sequence[Task]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag(f"{FOLDER}/definition_list.html")
def definition_list(*, pairs: Sequence[Pair | tuple[str, Any]]) -> dict[str, Any]:
    return {"pairs": [p if isinstance(p, Pair) else Pair(label=p[0], value=p[1]) for p in pairs]}


@register.inclusion_tag(f"{FOLDER}/empty.html")
@register.inclusion_tag(f"{FOLDER}/empty.html", name="empty_state")
def empty(
    *,
    title: str,
    hint: str = "",
    icon: str = "clipboard-list",
    action_label: str = "",
    action_href: str = "",
) -> dict[str, Any]:
    return {
        "title": title,
        "hint": hint,
        "icon_name": icon,
        "action_label": action_label,
        "action_href": action_href,
    }


@register.inclusion_tag(f"{FOLDER}/compare.html")
def compare(
    *, rows: Sequence[Change], before_label: str = "", after_label: str = ""
) -> dict[str, Any]:
    return {"rows": rows, "before_label": before_label, "after_label": after_label}


@register.inclusion_tag(f"{FOLDER}/tabs.html")
def tabs(*, items: Sequence[Tab], label: str) -> dict[str, Any]:
    return {"items": items, "label": label}


@register.inclusion_tag(f"{FOLDER}/filter_chips.html")
def filter_chips(*, chips: Sequence[Chip], clear_href: str = "") -> dict[str, Any]:
    return {"chips": chips, "clear_href": clear_href}


@register.inclusion_tag(f"{FOLDER}/confirm_summary.html")
def confirm_summary(
    *,
    title: str,
    pairs: Sequence[Pair | tuple[str, Any]],
    effects: Sequence[str] = (),
    amount: Decimal | None = None,
    warning: str = "",
) -> dict[str, Any]:
    return {
        "title": title,
        "pairs": pairs,
        "effects": effects,
        "amount": amount,
        "warning": warning,
    }


@register.inclusion_tag(f"{FOLDER}/money_table.html")
def money_table(
    *,
    caption: str,
    columns: Sequence[Head],
    rows: Sequence[Sequence[Any]],
    totals: Sequence[Any] = (),
) -> dict[str, Any]:
    wrong = [row for row in (*rows, *([totals] if totals else [])) if len(row) != len(columns)]
    if wrong:
        raise ValueError(f"a row of {len(wrong[0])} cells under {len(columns)} columns")
    return {
        "caption": caption,
        "columns": columns,
        "rows": [list(zip(columns, row, strict=True)) for row in rows],
        "totals": list(zip(columns, totals, strict=True)) if totals else [],
    }


@register.inclusion_tag(f"{FOLDER}/chart.html")
def chart(
    *,
    svg: SafeString,
    title: str,
    columns: Sequence[Head],
    rows: Sequence[Sequence[Any]],
    note: str = "",
    slim: SafeString | str = "",
) -> dict[str, Any]:
    """`svg`, and `slim` for phones, must be SafeStrings made by our own chart functions."""
    shown = {"svg": svg, "slim": slim, "title": title, "note": note}
    return {**shown, "columns": columns, "rows": rows}


@register.inclusion_tag(f"{FOLDER}/approval_trail.html")
def approval_trail(*, rounds: Sequence[Round]) -> dict[str, Any]:
    return {"rounds": rounds}


@register.inclusion_tag(f"{FOLDER}/checks.html")
def checks(*, items: Sequence[Check]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag(f"{FOLDER}/file_list.html")
def file_list(*, items: Sequence[FileRow]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag(f"{FOLDER}/job_progress.html", takes_context=True)
def job_progress(context: Context, *, job: JobCard) -> dict[str, Any]:
    return {"job": job, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{FOLDER}/breadcrumbs.html")
def breadcrumbs(*, items: Sequence[Crumb]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag("lists/block.html", takes_context=True)
def list_block(context: Context, *, page: Any) -> dict[str, Any]:
    """A list of the list engine inside another page."""
    return {"page": page, "csrf_token": context.get("csrf_token")}


# Boxes


def _box(name: str, context: dict[str, Any]) -> SafeString:
    return SafeString(get_template(f"{FOLDER}/{name}.html").render(context))


@register.simple_block_tag
def page_head(content: str, *, title: str, hint: str = "", word: Word | None = None) -> SafeString:
    context = {"title": title, "hint": hint, "word": word}
    return _box("page_head", {**context, "content": content, "filled": bool(content.strip())})


@register.simple_block_tag
def card(
    content: str, *, title: str, icon: str = "", action_label: str = "", action_href: str = ""
) -> SafeString:
    return _box(
        "card",
        {
            "content": content,
            "title": title,
            "icon_name": icon,
            "action_label": action_label,
            "action_href": action_href,
        },
    )


@register.simple_block_tag
def section(content: str, *, title: str, hint: str = "", id: str = "") -> SafeString:  # noqa: A002
    return _box("section", {"content": content, "title": title, "hint": hint, "ident": id})


@register.simple_block_tag
def alert(content: str, *, tone: str, title: str) -> SafeString:
    context = {"tone": checked_tone(tone), "icon_name": TONE_ICONS[tone], "title": title}
    return _box("alert", {**context, "content": content, "filled": bool(content.strip())})


@register.simple_block_tag
def identity_bar(
    content: str,
    *,
    name: str,
    nik: str,
    kk: str = "",
    area: str = "",
    flags: Sequence[Word] = (),
) -> SafeString:
    context = {"name": name, "nik": nik, "kk": kk, "area": area, "flags": flags}
    return _box("identity_bar", {**context, "content": content, "filled": bool(content.strip())})


@register.simple_block_tag
def action_bar(content: str) -> SafeString:
    return _box("action_bar", {"content": content})


@register.simple_block_tag
def disclosure(
    content: str,
    *,
    summary: str,
    open: bool = False,  # noqa: A002
    group: str = "",
) -> SafeString:
    found = {"content": content, "summary": summary, "open": open, "group": group}
    return _box("disclosure", found)
