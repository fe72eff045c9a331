"""The control page: what a person sees at `/` of the control port, and the forms on it."""

from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from sandbox import control_html, trouble
from sandbox.control_access import TheControls
from sandbox.controls import Controls
from sandbox.refusals import not_found

router = APIRouter(include_in_schema=False)
Form = dict[str, list[str]]


@router.get("/", response_class=Response)
async def home(controls: TheControls) -> Response:
    """The whole twin on one page."""
    return HTMLResponse(control_html.home(controls))


@router.post("/forms/trouble/{name}", response_class=Response)
async def break_down(controls: TheControls, name: str) -> Response:
    """A button of what can be broken was pressed."""
    trouble.begin(controls, name)
    return RedirectResponse("/", 303)


@router.post("/forms/{verb}", response_class=Response)
async def submit(request: Request, controls: TheControls, verb: str) -> Response:
    """One form was sent: do it, show the page again; with what is wrong about it where it cannot be done."""
    form = parse_qs((await request.body()).decode(errors="replace"), keep_blank_values=True)
    if verb not in VERBS:
        raise not_found("Form", verb)
    try:
        VERBS[verb](controls, form)
    except ValueError as wrong:
        return HTMLResponse(control_html.home(controls, said=_sentence(wrong)), 422)
    return RedirectResponse("/", 303)


def _sentence(wrong: ValueError) -> str:
    """Return what a person reads of it; pydantic would add its own words to ours."""
    if isinstance(wrong, ValidationError):
        return ". ".join(str(each["msg"]).removeprefix("Value error, ") for each in wrong.errors())
    return str(wrong)


def _first(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


def _connection(controls: Controls, form: Form) -> None:
    fail_with = _first(form, "fail_with") or None
    controls.change_connection(_first(form, "id"), state=_first(form, "state"), fail_with=fail_with)


def _directory(controls: Controls, form: Form) -> None:
    controls.change_directory(_first(form, "id"), state=_first(form, "state"))


def _person(controls: Controls, form: Form) -> None:
    controls.change_person(_first(form, "id"), state=_first(form, "state"), groups=form.get("groups", []))


def _add_person(controls: Controls, form: Form) -> None:
    fields: dict[str, Any] = {name: _first(form, name) or None for name in ("first_name", "last_name", "email")}
    controls.add_person(_first(form, "organization"), directory=_first(form, "directory") or None, **fields)


def _remove_person(controls: Controls, form: Form) -> None:
    controls.remove_person(_first(form, "id"))


def _fault(controls: Controls, form: Form) -> None:
    times = _first(form, "times").strip() or None
    controls.add_fault(_first(form, "route"), _first(form, "kind"), times=times)


def _domain(controls: Controls, form: Form) -> None:
    controls.change_domain(_first(form, "id"), state="verified")


def _break(controls: Controls, form: Form) -> None:
    trouble.break_one(controls, _first(form, "id"))


def _undo(controls: Controls, _: Form) -> None:
    trouble.undo_all(controls)


def _clear_faults(controls: Controls, _: Form) -> None:
    trouble.clear_faults(controls)


def _reset(controls: Controls, _: Form) -> None:
    controls.reset()


VERBS = {
    "connection": _connection,
    "directory": _directory,
    "person": _person,
    "add-person": _add_person,
    "remove-person": _remove_person,
    "domain": _domain,
    "break": _break,
    "undo": _undo,
    "fault": _fault,
    "clear-faults": _clear_faults,
    "reset": _reset,
}
