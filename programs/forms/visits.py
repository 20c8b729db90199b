"""Forms of a monitoring visit: the questions of the version, then the note and the photo."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bansos.lib.fields import RupiahField
from bansos.regions.models import Region
from programs.choices import QuestionKind
from programs.filters import areas
from programs.forms.life import day
from programs.models import MonitoringVisit, ProgrammeVersion, Stage
from programs.rules.visits import LONGEST_ANSWER, MOST_NUMBER, NO, YES, Question
from programs.services.papers import LARGEST
from programs.services.visits import LONGEST_NAME, LONGEST_REASON, VisitValues

# A comma cannot stand in a choice, so no choice is this.
NOT_ASKED = ",lewat"


class VisitForm(forms.Form):
    """One visit; what could not be asked is left empty."""

    visited_on = day(gettext_lazy("Tanggal kunjungan"))
    visitor = forms.CharField(label=gettext_lazy("Dikunjungi oleh"), max_length=LONGEST_NAME)
    note = forms.CharField(
        label=gettext_lazy("Catatan"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Misalnya rumah kosong, atau yang tidak ada dalam pertanyaan."),
    )
    photo = forms.FileField(
        label=gettext_lazy("Foto"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
        help_text=gettext_lazy("JPEG atau PNG, paling besar 10 MB."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Apa yang salah pada catatan lama?"), max_length=LONGEST_REASON
    )

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Question],
        old: MonitoringVisit | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = {f"q_{place}": (place, row) for place, row in enumerate(questions)}
        answers = {name: _field(row) for name, (_place, row) in self.asked.items()}
        first = {name: self.fields[name] for name in ("visited_on", "visitor")}
        self.fields = {**first, **answers, **self.fields}
        if old is None:
            del self.fields["reason"]
        else:
            self.initial = {**self._known(old), **self.initial}

    def _known(self, old: MonitoringVisit) -> dict[str, Any]:
        given = {(row.question, row.kind): row for row in old.answers.all()}
        known: dict[str, Any] = {
            name: getattr(old, name) for name in ("visited_on", "visitor", "note")
        }
        for name, (_place, asked) in self.asked.items():
            row = given.get((asked.label, asked.kind))
            if row is not None:
                known[name] = row.value if row.number is None else row.number
                if asked.kind == QuestionKind.NUMBER and row.number is not None:
                    known[name] = int(row.number)
        return known

    def values(self) -> VisitValues:
        """What the service takes."""
        data = self.cleaned_data
        answers: dict[int, str | Decimal] = {}
        for name, (place, _question) in self.asked.items():
            given = data.get(name)
            if given not in (None, "", NOT_ASKED):
                answers[place] = Decimal(given) if isinstance(given, int) else given
        upload = data.get("photo")
        return VisitValues(
            visited_on=data["visited_on"],
            visitor=data["visitor"],
            answers=answers,
            note=data["note"],
            photo=(upload.name, upload.read(LARGEST + 1)) if upload else None,
        )


def _field(question: Question) -> forms.Field:
    """The field a question is answered in; none of them has to be."""
    common = {"label": question.label, "required": False}
    if question.kind == QuestionKind.AMOUNT:
        return RupiahField(min_value=0, **common)
    if question.kind == QuestionKind.NUMBER:
        return forms.IntegerField(
            min_value=0,
            max_value=int(MOST_NUMBER),
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            **common,
        )
    words = {
        QuestionKind.YES_NO: [(YES, _("Ya")), (NO, _("Tidak"))],
        QuestionKind.CHOICE: [(word, word) for word in question.choices],
    }.get(question.kind)
    if words is not None:
        return forms.ChoiceField(
            label=question.label,
            choices=[*words, (NOT_ASKED, _("Tidak ditanyakan"))],
            initial=NOT_ASKED,
            widget=forms.RadioSelect,
        )
    return forms.CharField(
        max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 2}), **common
    )


class AnswersFilterForm(forms.Form):
    """Which visits are added up."""

    area = forms.ModelChoiceField(
        label=gettext_lazy("Wilayah"),
        queryset=Region.objects.none(),
        required=False,
        widget=forms.Select(attrs={"class": "form-select w-auto"}),
        to_field_name="code",
        empty_label=gettext_lazy("Semua"),
    )
    stage = forms.ModelChoiceField(
        label=gettext_lazy("Tahap"),
        queryset=Stage.objects.none(),
        required=False,
        widget=forms.Select(attrs={"class": "form-select w-auto"}),
        empty_label=gettext_lazy("Semua"),
    )

    def __init__(self, *args: Any, version: ProgrammeVersion, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area"]
        area.queryset = areas(request)
        area.label_from_instance = lambda region: str(region.name)
        stage: Any = self.fields["stage"]
        stage.queryset = version.stages.all()
