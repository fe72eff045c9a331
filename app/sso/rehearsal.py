"""Rehearsal: what a sign-in would come to, by the very code that lets people in, and nothing of it happens."""

from dataclasses import dataclass

from app import uow as units
from app.problems import Problem
from app.runtime import Runtime
from app.sso.login import Login, hindrances, sign_in
from app.users.service import SignedIn


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What stands in the way, in the order in which it is asked; and who would sign in, None where something does.

    `tolerated` is what would stand in the way of a real sign-in, and was passed over.
    """

    hindrances: tuple[Problem, ...]
    tolerated: tuple[Problem, ...]
    signed_in: SignedIn | None


class _Undone(Exception):  # noqa: N818 -- named for what happened
    """Carries what was found out of the transaction that must not be committed."""

    def __init__(self, signed_in: SignedIn) -> None:
        super().__init__()
        self.signed_in = signed_in


async def rehearse(runtime: Runtime, login: Login, *, tolerating: tuple[type[Problem], ...] = ()) -> Rehearsed:
    """Return what a login would come to. Whom it would make or change is made and changed, and rolled back."""
    found = [problem() for problem in hindrances(login.known)]
    tolerated = tuple(problem for problem in found if isinstance(problem, tolerating))
    standing = tuple(problem for problem in found if problem not in tolerated)
    if standing or login.connection is None:
        return Rehearsed(standing, tolerated, None)
    login.trace.step = "roles"
    try:
        async with units.hot_beginner(runtime)(login.organization) as uow:
            raise _Undone(await sign_in(uow, login))  # noqa: TRY301 -- leaving the block so is what rolls it back
    except _Undone as undone:
        return Rehearsed((), tolerated, undone.signed_in)
    except Problem as problem:
        login.trace.step = "access"
        return Rehearsed((problem,), tolerated, None)
