"""B7: audience and issuer are compared exactly."""

import pytest

from tests.tokens.forge import AUDIENCE, ISSUER, accepted, claims, forge, refused


@pytest.mark.parametrize(
    "aud",
    [
        "other-api",
        [],
        ["other-api"],
        [AUDIENCE.upper()],
        [AUDIENCE + " "],
        AUDIENCE[:-1],
        "",
        [[AUDIENCE]],
        [AUDIENCE, 7],
        7,
        True,
        {AUDIENCE: 1},
    ],
    ids=repr,
)
def test_b7_token_for_others_is_refused(aud: object) -> None:
    refused(forge(claims(aud=aud)))


@pytest.mark.parametrize("aud", [AUDIENCE, [AUDIENCE], ["other-api", AUDIENCE]], ids=repr)
def test_b7_token_for_us_is_accepted(aud: object) -> None:
    accepted(forge(claims(aud=aud)))


@pytest.mark.parametrize(
    "iss",
    [
        ISSUER + "/",
        ISSUER.upper(),
        ISSUER.replace("https", "http"),
        "https://other.example",
        "",
        [ISSUER],
        {ISSUER: 1},
        7,
    ],
    ids=repr,
)
def test_b7_token_of_another_issuer_is_refused(iss: object) -> None:
    refused(forge(claims(iss=iss)))
