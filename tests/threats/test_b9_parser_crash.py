"""B9: whatever is sent as a token, the answer is 401 and no foreign exception."""

import random  # noqa: TID251 -- seeded, so that a failure comes again
import string

import pytest

from tests.tokens.forge import ES256, RS256, accepted, claims, forge, header, refused, segment

ALPHABET = string.ascii_letters + string.digits + "-_"
STRANGE = ".=+/ \n\t\0%~éß€\U0001f511\ud800"


def mutated(token: str, chance: random.Random) -> str:
    """Return `token` with one to four small harms."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(token)) if token else 0
        other = chance.choice(ALPHABET if chance.random() < 0.8 else STRANGE)
        token = chance.choice(
            [
                token[:at] + other + token[at + 1 :],
                token[:at] + other + token[at:],
                token[:at] + token[at + 1 :],
                token[:at],
                token[at:],
                token[:at] + token[at:].swapcase(),
                token[:at] + token[at : at + 9][::-1] + token[at + 9 :],
                token + other,
                ".".join(chance.sample(token.split("."), token.count(".") + 1)),
            ]
        )
    return token


@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
def test_b9_five_thousand_mutations_are_all_refused(key: object) -> None:
    good = forge(key=ES256 if key is ES256 else RS256)
    accepted(good)
    chance = random.Random(20260504)
    harmed = {mutated(good, chance) for _ in range(5_000)} - {good}
    assert len(harmed) > 4_500
    for token in harmed:
        refused(token)


@pytest.mark.parametrize("depth", [1_000, 6_000, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"kid":'])
def test_b9_deep_header_is_refused(depth: int, opening: str) -> None:
    deep = opening * (depth // len(opening))
    refused(forge(head=deep))
    refused(f"{segment(deep)}.{segment(claims())}.AAAA")
    refused(forge(head='{"alg":"ES256","typ":"at+jwt","kid":' + deep))


@pytest.mark.parametrize("depth", [500, 2_000, 5_000])
def test_b9_deep_claims_of_a_signed_token_crash_nothing(depth: int) -> None:
    said = '{"roles":' + "[" * depth + "]" * (depth if depth < 2_500 else 0) + "}"
    refused(forge(said))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a",
        "é.é.é",
        "\ud800.\ud800.\ud800",
        "\0.\0.\0",
        "A" * 1_000_000,
        ("A" * 400_000 + ".") * 2 + "A" * 200_000,
        "." * 1_000_000,
        b"a.b.c",
        None,
        7,
        [],
        "Bearer " + forge(),
        " " + forge(),
        forge() + "\n",
        forge() + ".",
        forge() + "." + forge(),
        forge().replace(".", ".."),
        forge().replace(".", "\uff0e"),
    ],
    ids=lambda token: repr(token)[:16],
)
def test_b9_nonsense_is_refused(token: object) -> None:
    refused(token)


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        "{",
        "null",
        "[]",
        '"x"',
        "7",
        "NaN",
        "{}",
        '{"alg":1e999}',
        "9" * 5_000,
        "\ud7ff",
        " ",
    ],
    ids=repr,
)
def test_b9_header_that_is_no_header_is_refused(head: object) -> None:
    refused(forge(head=head))


def test_b9_doubled_members_mean_one_thing() -> None:
    """The reader of the kid and the checker of the signature must not each take another one of two members."""
    refused(forge(head=f'{{"alg":"ES256","alg":"none","kid":"{ES256.kid}","typ":"at+jwt"}}'))
    refused(forge(head=f'{{"alg":"ES256","kid":"{ES256.kid}","kid":"{RS256.kid}","typ":"at+jwt"}}'))
    accepted(forge(head=f'{{"alg":"none","alg":"ES256","kid":"{ES256.kid}","typ":"at+jwt"}}'))


def test_b9_length_limit_is_exact() -> None:
    """A signed token of 8,192 characters is read, one of more is not looked at."""
    sizes = {len(forge(claims(pad="x" * size))): size for size in range(5_400, 5_700)}
    longest = max(length for length in sizes if length <= 8_192)
    accepted(forge(claims(pad="x" * sizes[longest])))
    assert refused(forge(claims(pad="x" * (sizes[longest] + 3)))) == "too long"
    assert header()["typ"] == "at+jwt"
