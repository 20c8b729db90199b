"""API errors in one shape (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from bansos.lib.errors import Refused

PROBLEM = "application/problem+json"


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every API error in one shape: type, title, status, detail, code, errors."""
    if isinstance(error, Refused):
        body = _problem(getattr(error, "status", 409), str(error.message), error.code)
        if getattr(error, "fields", None):
            body["errors"] = error.fields
        return _respond(body)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404 | PermissionDenied):
        words = {404: "Data tidak ditemukan.", 403: "Anda tidak berhak melakukan ini."}
        body = _problem(response.status_code, words[response.status_code], "")
    elif isinstance(error, exceptions.ValidationError):
        body = _problem(status.HTTP_422_UNPROCESSABLE_ENTITY, "Isian belum benar.", "invalid")
        body["errors"] = response.data
    else:
        detail = getattr(error, "detail", "")
        body = _problem(response.status_code, str(detail), getattr(detail, "code", "") or "")
    headers = {
        k: v for k, v in response.headers.items() if k in {"WWW-Authenticate", "Retry-After"}
    }
    return _respond(body, headers)


def _problem(code: int, detail: str, key: str) -> dict[str, Any]:
    titles = {
        401: "Perlu masuk",
        403: "Tidak berhak",
        404: "Tidak ditemukan",
        409: "Ditolak",
        422: "Isian belum benar",
        429: "Terlalu sering",
        405: "Cara tidak dikenal",
    }
    return {
        "type": f"/api/masalah/{key or code}",
        "title": titles.get(code, "Tidak dapat diproses"),
        "status": code,
        "detail": detail,
        "code": key,
    }


def _respond(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], content_type=PROBLEM, headers=headers)
