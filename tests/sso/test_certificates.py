"""Certificates of identity providers: read however they were pasted, judged by day and key."""

import base64

import pytest

from app.sso import certificates
from app.sso.findings import Fault
from tests.sso.provider import NOW, a_certificate, bare, der, private_key_pem

NAME = "idp_certificate"


def test_a_certificate_is_described() -> None:
    found = certificates.read(a_certificate(key="RSA-2048", name="Acme, IdP"), name=NAME)
    assert (found.subject, found.issuer) == ("CN=Acme\\, IdP", "CN=Acme\\, IdP")
    assert (found.key_type, found.key_size, found.is_weak) == ("RSA", 2_048, False)
    assert (found.not_after - NOW).days == 365
    assert len(found.fingerprint_sha256) == 64
    assert int(found.serial_number, 16) > 0
    assert certificates.judge(found, NOW, name=NAME) == []


@pytest.mark.parametrize(
    "pasted",
    [
        "{pem}",
        "\r\n  {pem}\n\n",
        "Bag Attributes\n    friendlyName: idp\nsubject=/CN=x\n{pem}",
        "{bare}",
        "  {bare}\n",
    ],
)
def test_it_is_read_however_it_was_pasted(pasted: str) -> None:
    pem = a_certificate()
    expected = certificates.read(pem, name=NAME)
    text = pasted.format(pem=pem.replace("\n", "\r\n"), bare=bare(pem))
    assert certificates.read(text, name=NAME) == expected
    assert expected.pem == pem


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no X.509"),
        ("hello", "no X.509"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no X.509"),
        ("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----", "no X.509"),
        ("-----BEGIN CERTIFICATE-----", "no certificate"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no certificate"),
        ("x" * 40_000, "longer"),
        ("\ud800", "no X.509"),
    ],
)
def test_what_is_none_is_refused(text: str, why: str) -> None:
    with pytest.raises(Fault, match=why) as fault:
        certificates.read(text, name=NAME)
    assert fault.value.field == NAME


def test_part_of_one_is_none() -> None:
    whole = bare(a_certificate())
    for part in (whole[:-8], whole[8:], whole + whole):
        with pytest.raises(Fault, match=r"no X\.509"):
            certificates.read(part, name=NAME)


def test_a_private_key_is_refused_and_not_repeated() -> None:
    secret = private_key_pem()
    for text in (secret, a_certificate() + secret, secret.replace("PRIVATE", "ENCRYPTED PRIVATE")):
        with pytest.raises(Fault, match="private key") as fault:
            certificates.read(text, name=NAME)
        assert secret.splitlines()[1] not in str(fault.value)


def test_which_of_several_is_meant_is_not_guessed() -> None:
    with pytest.raises(Fault, match="several"):
        certificates.read(a_certificate() + a_certificate(days=2), name=NAME)


@pytest.mark.parametrize(
    ("days", "codes"), [(31, []), (30, ["certificate_expires_soon"]), (0.001, ["certificate_expires_soon"])]
)
def test_one_that_ends_soon_is_told(days: float, codes: list[str]) -> None:
    found = certificates.read(a_certificate(days=days), name=NAME)
    assert [advice.code for advice in certificates.judge(found, NOW, name=NAME)] == codes


@pytest.mark.parametrize("days", [0, -0.001, -400])
def test_one_that_has_ended_is_refused(days: float) -> None:
    found = certificates.read(a_certificate(days=days), name=NAME)
    with pytest.raises(Fault, match="expired on"):
        certificates.judge(found, NOW, name=NAME)


def test_one_that_begins_later_is_told() -> None:
    found = certificates.read(a_certificate(since=10), name=NAME)
    assert [advice.code for advice in certificates.judge(found, NOW, name=NAME)] == ["certificate_not_valid_yet"]


@pytest.mark.parametrize(
    ("key", "weak"),
    [("RSA-1024", True), ("RSA-2048", False), ("EC-256", False), ("EC-192", True), ("DSA-2048", True)],
)
def test_a_weak_key_is_told(key: str, weak: bool) -> None:  # noqa: FBT001 -- pytest passes it
    found = certificates.read(a_certificate(key=key), name=NAME)
    assert ([advice.code for advice in certificates.judge(found, NOW, name=NAME)] == ["weak_key"]) is weak


def test_noise_of_every_length_is_refused_and_nothing_worse() -> None:
    whole = bytearray(der(a_certificate()))
    for place in range(0, len(whole), 3):
        broken = bytes(whole[:place]) + bytes([whole[place] ^ 0xFF]) + bytes(whole[place + 1 :])
        text = base64.b64encode(broken).decode()
        try:
            certificates.judge(certificates.read(text, name=NAME), NOW, name=NAME)
        except Fault:
            continue
