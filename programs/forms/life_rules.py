"""Forms of what a version says about events, exit, ways in, assessments and plans."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.lib.fields import RupiahField
from programs.choices import (
    EXITS,
    Channel,
    EventKind,
    EventTest,
    MeasureKind,
    Outcome,
    ReferralKind,
)
from programs.forms.catalogue import coded, lines_of
from programs.models import ProgrammeVersion
from programs.rules.assessing import amount_of
from programs.rules.life import rule_words

EVENT_ROWS, SPARE_ROWS = 40, 3
MEASURE_ROWS = 4
_FORM = re.compile(r"^(?P<label>.+?)\s*(?:\((?P<more>[^()]*)\))?$")
_QUESTION = re.compile(r"^-\s*(?P<label>.+?)\s*:\s*(?P<most>[0-9]{1,4})$")


class EventRuleForm(forms.Form):
    """One rule; an empty event is no rule."""

    event = forms.ChoiceField(label=gettext_lazy("Peristiwa"), required=False)
    when = forms.MultipleChoiceField(
        label=gettext_lazy("Bila"),
        choices=EventTest.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Akibat"),
        choices=[("", gettext_lazy("Pilih")), *Outcome.choices],
        required=False,
    )
    reason = forms.ChoiceField(label=gettext_lazy("Alasan berhenti"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Tambahan hari kerja"), min_value=1, max_value=250, required=False
    )
    article = forms.CharField(label=gettext_lazy("Pasal"), max_length=250, required=False)

    def __init__(self, *args: Any, reasons: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, kind.label) for kind in EventKind if kind not in EXITS]
        events: Any = self.fields["event"]
        events.choices = [("", _("Tidak dipakai")), *kinds]
        field: Any = self.fields["reason"]
        field.choices = [
            ("", _("Tidak ada")),
            *((str(row["code"]), str(row["label"])) for row in reasons),
        ]

    @property
    def sentence(self) -> str:
        """The rule in one sentence, as it was or as it was typed; a spare row says so."""
        names = ("event", "outcome", "days")
        row = {name: self[name].value() for name in names} | {"when": self["when"].value() or []}
        known = row["event"] in EventKind.values and row["outcome"] in Outcome.values
        if not known or any(test not in EventTest.values for test in row["when"]):
            return str(row["event"] and _("belum lengkap.") or _("kosong."))
        return rule_words(row)

    @property
    def is_wrong(self) -> bool:
        """True when a field of it was refused, so the row is shown open."""
        return self.is_bound and bool(self.errors)

    def rule(self) -> dict[str, Any]:
        """The rule as a version keeps it."""
        data = self.cleaned_data
        names = ("event", "when", "outcome", "reason", "days", "article")
        return {name: data.get(name) for name in names}


EventRuleFormSet = forms.formset_factory(EventRuleForm, extra=SPARE_ROWS, max_num=EVENT_ROWS)


class ExitForm(forms.Form):
    """When the programme is over for somebody, and what may be contested how long."""

    article = forms.CharField(label=gettext_lazy("Pasal"), max_length=250)
    need = forms.ChoiceField(
        label=gettext_lazy("Lulus bila"),
        choices=[
            ("all", gettext_lazy("Semua ukuran tercapai")),
            ("any", gettext_lazy("Salah satu ukuran tercapai")),
        ],
    )
    term_months = forms.IntegerField(
        label=gettext_lazy("Masa bantuan (bulan)"), min_value=1, max_value=120, required=False
    )
    appeal_days = forms.IntegerField(
        label=gettext_lazy("Tenggat sanggahan (hari kerja)"),
        min_value=1,
        max_value=250,
        required=False,
        help_text=gettext_lazy("Kosong berarti sanggahan belum dapat dicatat."),
    )
    appeal_article = forms.CharField(
        label=gettext_lazy("Pasal tenggat sanggahan"), max_length=250, required=False
    )
    next = forms.MultipleChoiceField(
        label=gettext_lazy("Rujukan yang ditawarkan"),
        choices=ReferralKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class MeasureRuleForm(forms.Form):
    """One measure; an empty name is no measure."""

    label = forms.CharField(label=gettext_lazy("Nama ukuran"), max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Jenis"), choices=MeasureKind.choices)
    percent = forms.IntegerField(
        label=gettext_lazy("Naik (persen)"), min_value=1, max_value=1000, required=False
    )
    months = forms.IntegerField(
        label=gettext_lazy("Diukur sesudah (bulan)"), min_value=1, max_value=120, required=False
    )


MeasureFormSet = forms.formset_factory(
    MeasureRuleForm, extra=0, max_num=MEASURE_ROWS, min_num=MEASURE_ROWS
)


def measures_of(
    rows: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Filled rows as measures; a name that was there keeps its code."""
    filled = [row for row in rows if row.get("label")]
    codes = coded("\n".join(str(row["label"]).strip() for row in filled), known)
    return [
        {**code, **{name: row.get(name) for name in ("kind", "percent", "months")}}
        for code, row in zip(codes, filled, strict=True)
    ]


class AssessingForm(forms.Form):
    """Ways in, assessment forms as lines, the plan and its business kinds."""

    proposal_channels = forms.MultipleChoiceField(
        label=gettext_lazy("Jalur usulan yang diterima"),
        choices=Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Kosong berarti daftar kabupaten/kota dan formulir."),
    )
    forms_text = forms.CharField(
        label=gettext_lazy("Formulir penilaian"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "Satu baris nama formulir, lalu tiap pertanyaan diawali tanda hubung dan diakhiri"
            " nilai tertinggi. Contoh: Kunjungan rumah (wajib, lulus 10), lalu - Keadaan rumah: 10."
        ),
    )
    plan_used = forms.BooleanField(label=gettext_lazy("Ada RAB"), required=False)
    plan_required = forms.BooleanField(label=gettext_lazy("RAB wajib"), required=False)
    lowest = RupiahField(
        label=gettext_lazy("Nilai RAB terendah"),
        required=False,
        help_text=gettext_lazy("Kosong berarti RAB harus tepat sama dengan bantuan."),
    )
    plan_article = forms.CharField(label=gettext_lazy("Pasal RAB"), max_length=250, required=False)
    sections = forms.CharField(
        label=gettext_lazy("Bagian RAB"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Satu baris satu bagian, misalnya Peralatan."),
    )
    kinds = forms.CharField(
        label=gettext_lazy("Jenis usaha"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Satu baris satu jenis. Kosong berarti bebas."),
    )
    kinds_needed = forms.IntegerField(
        label=gettext_lazy("Banyak jenis usaha menurut pedoman"),
        min_value=1,
        max_value=50,
        required=False,
    )

    def __init__(self, *args: Any, version: ProgrammeVersion, **kwargs: Any) -> None:
        self.version = version
        kwargs.setdefault("initial", assessing_initial(version))
        super().__init__(*args, **kwargs)

    def clean_forms_text(self) -> list[dict[str, Any]]:
        return parse_forms(str(self.cleaned_data["forms_text"]), self.version.assessment_forms)

    def plan(self) -> dict[str, Any]:
        """The rules of the plan as a version keeps them."""
        data, old = self.cleaned_data, self.version.plan_rules
        if not data["plan_used"]:
            return {}
        return {
            "required": data["plan_required"],
            "lowest": str(data["lowest"]) if data["lowest"] is not None else None,
            "article": data["plan_article"],
            "sections": coded(data["sections"], old.get("sections", [])),
            "kinds": coded(data["kinds"], old.get("kinds", [])),
            "kinds_needed": data["kinds_needed"],
        }


class LettersForm(forms.Form):
    """The texts of a version's papers: a heading begins each."""

    letters_text = forms.CharField(
        label=gettext_lazy("Naskah dokumen"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=gettext_lazy(
            "Satu baris diawali # untuk nama dokumen, lalu isinya. Baris kosong memisahkan"
            " paragraf."
        ),
    )

    def __init__(self, *args: Any, version: ProgrammeVersion, **kwargs: Any) -> None:
        self.version = version
        kwargs.setdefault("initial", {"letters_text": letters_text(version.letters)})
        super().__init__(*args, **kwargs)

    def clean_letters_text(self) -> list[dict[str, Any]]:
        return parse_letters(str(self.cleaned_data["letters_text"]), self.version.letters)


def letters_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Papers as the text parse_letters() reads."""
    return "\n\n".join(f"# {row['label']}\n{row['text']}" for row in rows)


def parse_letters(text: str, known: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A text as papers; labels that were there keep their codes.

    Raises ValidationError for words before the first heading and for a name used twice.
    """
    before, *parts = re.split(r"^#[ \t]*", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    if before.strip():
        raise forms.ValidationError(_("Awali dengan satu baris # dan nama dokumennya."))
    heads = [part.partition("\n") for part in parts]
    labels = [head.strip() for head, _break, _text in heads]
    if "" in labels or len(set(labels)) != len(labels):
        raise forms.ValidationError(_("Nama dokumen kosong atau ditulis dua kali."))
    codes = coded("\n".join(labels), known)
    return [
        {**row, "text": words.strip()}
        for row, (_head, _break, words) in zip(codes, heads, strict=True)
    ]


def assessing_initial(version: ProgrammeVersion) -> dict[str, Any]:
    """What the page shows of a version."""
    plan = version.plan_rules
    return {
        "proposal_channels": version.proposal_channels,
        "forms_text": forms_text(version.assessment_forms),
        "plan_used": bool(plan),
        "plan_required": plan.get("required", False),
        "lowest": amount_of(plan.get("lowest")),
        "plan_article": plan.get("article", ""),
        "sections": "\n".join(str(row["label"]) for row in plan.get("sections", [])),
        "kinds": "\n".join(str(row["label"]) for row in plan.get("kinds", [])),
        "kinds_needed": plan.get("kinds_needed"),
    }


def forms_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Assessment forms as the lines parse_forms() reads."""
    lines = []
    for row in rows:
        more = ["wajib"] if row.get("required") else []
        more += [f"lulus {row['pass']}"] if row.get("pass") else []
        lines.append(f"{row['label']} ({', '.join(more)})" if more else str(row["label"]))
        lines += [f"- {question['label']}: {question['most']}" for question in row["questions"]]
    return "\n".join(lines)


def parse_forms(text: str, known: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines as assessment forms; labels that were there keep their codes.

    Raises ValidationError with the line that cannot be read.
    """
    codes = {str(row["label"]): row for row in known}
    found: list[dict[str, Any]] = []
    for place, line in enumerate(lines_of(text), start=1):
        if line.startswith("-"):
            _add_question(found, line, place, codes)
        else:
            found.append(_head(line, place, codes))
    return found


def _head(line: str, place: int, codes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    match = _FORM.match(line)
    label = match["label"] if match else line
    row: dict[str, Any] = {
        "code": codes.get(label, {}).get("code") or slugify(label).replace("-", "_")[:30],
        "label": label,
        "required": False,
        "pass": None,
        "questions": [],
    }
    for word in (match["more"] or "").split(",") if match else []:
        part = word.strip().lower()
        if part == "wajib":
            row["required"] = True
        elif limit := re.fullmatch(r"lulus ([0-9]{1,5})", part):
            row["pass"] = int(limit[1])
        elif part:
            raise forms.ValidationError(
                _("Baris %(place)s: tulis wajib atau lulus dan nilainya di dalam kurung.")
                % {"place": place}
            )
    return row


def _add_question(
    found: list[dict[str, Any]], line: str, place: int, codes: Mapping[str, Mapping[str, Any]]
) -> None:
    match = _QUESTION.match(line)
    if match is None or not found:
        raise forms.ValidationError(
            _("Baris %(place)s: tulis pertanyaan seperti - Keadaan rumah: 10.") % {"place": place}
        )
    form = found[-1]
    old = {q["label"]: q["code"] for q in codes.get(form["label"], {}).get("questions", [])}
    code = old.get(match["label"]) or slugify(match["label"]).replace("-", "_")[:30]
    form["questions"].append({"code": code, "label": match["label"], "most": int(match["most"])})
