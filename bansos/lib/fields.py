"""Model fields for sealed values and their blind index; form fields that read as people type."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from django import forms
from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.signals import pre_save
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from bansos.lib.crypto import blind_index, open_text, seal_text
from bansos.lib.dates import parse_date, short_date
from bansos.lib.errors import BadInput
from bansos.lib.money import number, parse_rupiah, rupiah
from bansos.lib.nik import NumberCheck, check_kk, check_nik, clean_digits, group_nik

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _TextBase = models.Field[str | None, str]
    _AnyBase = models.Field[Any, Any]
    _IndexBase = models.CharField[str | None, str | None]
else:
    _TextBase = _AnyBase = models.Field
    _IndexBase = models.CharField


class _FromInstance(str):
    """A value on its way from save() or bulk_create(), told apart from one given to update()."""

    __slots__ = ()


class _SealedMixin:
    """What sealed columns share: bytea in the table, no lookups but isnull."""

    if TYPE_CHECKING:
        model: type[models.Model]
        name: str
        column: Any
        unique: bool
        db_index: bool

    def __init__(self, *args: Any, context: str | None = None, **kwargs: Any) -> None:
        self.fixed_context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        if self.fixed_context is not None:
            kwargs["context"] = self.fixed_context
        return name, path, args, kwargs

    @property
    def context(self) -> str:
        """What the sealed bytes are bound to: "table.column", or the one given.

        A renamed table or column passes its old name as `context=`, or its rows do not open.
        """
        return self.fixed_context or f"{self.model._meta.db_table}.{self.column}"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found: list[checks.CheckMessage] = super().check(**kwargs)  # type: ignore[misc]
        if self.unique or self.db_index:
            found.append(
                checks.Error(
                    "A sealed field cannot be unique or indexed; add a BlindIndexField.",
                    obj=self,
                    id="bansos.E001",
                )
            )
        return found

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)  # type: ignore[misc]
        return self._refuse_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        self._refuse_lookup(lookup_name)

    def _refuse_lookup(self, lookup_name: str) -> NoReturn:
        raise FieldError(
            f"{self.name} is sealed: no lookup {lookup_name!r}. Filter its BlindIndexField by "
            "blind_index(value, purpose)."
        )

    def from_db_value(self, value: Any, *_args: Any) -> Any:
        if value is None:
            return None
        return self._unpack(open_text(bytes(value), context=self.context))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value
        sealed = seal_text(self._pack(value), context=self.context)
        return connection.Database.Binary(sealed)

    def _pack(self, value: Any) -> str:
        return str(value)

    def _unpack(self, text: str) -> Any:
        return text


class EncryptedTextField(_SealedMixin, _TextBase):
    """A text sealed in the table (AES-GCM, bound to its column); plain in Python.

    Find rows by a BlindIndexField beside it. With such a field watching, it is written by
    save() and bulk_create() only: update() would leave the index behind.
    """

    description = _("Teks tersandi")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    @cached_property
    def index_field(self) -> BlindIndexField | None:
        """The index that follows this field, if there is one."""
        for field in self.model._meta.local_fields:
            if isinstance(field, BlindIndexField) and field.of == self.name:
                return field
        return None

    def to_python(self, value: Any) -> str | None:
        """Text as it is; None stays None."""
        return None if value is None else str(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        return _FromInstance(value) if isinstance(value, str) else value

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(value, str) and self.index_field and not isinstance(value, _FromInstance):
            raise FieldError(
                f"{self.name} is written by save() or bulk_create(), not by update(): "
                f"{self.index_field.name} must follow it."
            )
        return super().get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.setdefault("max_length", self.max_length)
        if self.null:
            kwargs.setdefault("empty_value", None)
        return super().formfield(**kwargs)


class EncryptedJSONField(_SealedMixin, _AnyBase):
    """Any JSON value, sealed as a whole; dates and decimals inside become text."""

    description = _("JSON tersandi")

    def _pack(self, value: Any) -> str:
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)

    def _unpack(self, text: str) -> Any:
        return json.loads(text)

    def value_to_string(self, obj: models.Model) -> str:
        return self._pack(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(form_class=forms.JSONField, **kwargs)


class BlindIndexField(_IndexBase):
    """The blind index of the sealed field `of`: filled on save, NULL when that is empty.

    Give it unique=True (or a UniqueConstraint) against doubles and filter it with
    blind_index(value, purpose).
    """

    description = _("Indeks buta")

    def __init__(self, *args: Any, of: str = "", purpose: str = "", **kwargs: Any) -> None:
        self.of = of
        self.purpose = purpose
        kwargs.update(max_length=64, null=True, blank=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "null", "blank", "editable"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of, "purpose": self.purpose}

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            pre_save.connect(self._refuse_half_update, sender=cls)

    def _refuse_half_update(self, *, update_fields: Any, **_kwargs: Any) -> None:
        if (
            update_fields is not None
            and self.of in update_fields
            and self.name not in update_fields
        ):
            raise FieldError(f"update_fields with {self.of} must name {self.name} too.")

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        """The fingerprint of the field it watches."""
        plain = getattr(model_instance, self.of)
        index = blind_index(plain, self.purpose) if plain else None
        setattr(model_instance, self.attname, index)
        return None if index is None else _FromInstance(index)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(value, str) and not isinstance(value, _FromInstance):
            raise FieldError(f"{self.name} is filled from {self.of}; it is never written by hand.")
        return super().get_db_prep_save(value, connection)


def _as_validation_error(error: BadInput) -> ValidationError:
    return ValidationError(error.message, code=error.code)


class IndonesianDateField(forms.Field):
    """A text field that reads 12081957, 12-8-57, 12 Agustus 1957; never month before day.

    `birth=True` reads a two-digit year as the latest one that is not in the future.
    """

    widget = forms.TextInput
    default_error_messages = {"min": _("Tanggal terlalu awal."), "max": _("Tanggal terlalu akhir.")}

    def __init__(
        self,
        *,
        birth: bool = False,
        min_date: date | None = None,
        max_date: date | None = None,
        **kwargs: Any,
    ) -> None:
        self.birth = birth
        self.min_date = min_date
        self.max_date = max_date
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        try:
            return parse_date(str(value), today=timezone.localdate(), birth=self.birth)
        except BadInput as error:
            raise _as_validation_error(error) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and self.min_date is not None and value < self.min_date:
            raise ValidationError(self.error_messages["min"], code="min")
        if value is not None and self.max_date is not None and value > self.max_date:
            raise ValidationError(self.error_messages["max"], code="max")

    def prepare_value(self, value: Any) -> Any:
        return short_date(value) if isinstance(value, date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """`data-echo` has the page write the date in words under the field, with the age."""
        age = {"data-age": "1"} if self.birth else {}
        return {
            "placeholder": "12-08-1957" if self.birth else "12-08-2026",
            "autocomplete": "off",
            "data-echo": "tanggal",
            **age,
        }


class RupiahField(forms.Field):
    """A text field that reads 1500000, 1.500.000 and 1,5 juta; gives a Decimal with sen."""

    widget = forms.TextInput
    default_error_messages = {
        "min": _("Jumlah paling sedikit %(limit)s."),
        "max": _("Jumlah paling banyak %(limit)s."),
    }

    def __init__(
        self,
        *,
        min_value: Decimal | None = Decimal(0),
        max_value: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return parse_rupiah(str(value))
        except BadInput as error:
            raise _as_validation_error(error) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if self.min_value is not None and value < self.min_value:
            self._refuse("min", self.min_value)
        if self.max_value is not None and value > self.max_value:
            self._refuse("max", self.max_value)

    def _refuse(self, code: str, limit: Decimal) -> NoReturn:
        raise ValidationError(self.error_messages[code], code=code, params={"limit": rupiah(limit)})

    def prepare_value(self, value: Any) -> Any:
        return number(value).removesuffix(",00") if isinstance(value, Decimal | int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "data-echo": "rupiah"}


class _SixteenDigitsField(forms.CharField):
    """Sixteen digits, separators allowed while typing."""

    checker: Callable[[str], NumberCheck]

    def to_python(self, value: Any) -> str:
        return clean_digits(str(super().to_python(value) or ""))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not value:
            return
        found = type(self).checker(value)
        if found.errors:
            raise ValidationError(
                [ValidationError(sentence, code=code) for code, sentence in found.errors]
            )

    def prepare_value(self, value: Any) -> Any:
        return group_nik(clean_digits(value)) if isinstance(value, str) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": "24",
            "data-echo": "nik",
        }


class NikField(_SixteenDigitsField):
    """A NIK by its shape; compare it with birth date and sex in the form by check_nik()."""

    checker = staticmethod(check_nik)


class KkField(_SixteenDigitsField):
    """A family card number by its shape."""

    checker = staticmethod(check_kk)
