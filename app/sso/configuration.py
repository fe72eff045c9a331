"""Configuration: what an administrator entered of an identity provider, checked field by field before WorkOS sees it.

Addresses that are to be read are read here (`app/kit/outside.py` says which may be); nothing is written.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.http.wire import wire
from app.kit.masks import is_masked
from app.kit.outside import Outside, OutsideRefused
from app.problems import Invalid
from app.sso import certificates, discovery_document, metadata
from app.sso.certificates import Certificate
from app.sso.discovery_document import DiscoveryDocument
from app.sso.findings import Advice, Fault
from app.sso.metadata import Metadata
from app.workos.connection_records import OidcOptions, Options, SamlOptions

Source = Literal["fields", "metadata_url", "metadata_xml", "discovery_url"]
Json = dict[str, Any]

WAYS: Final[dict[Source, tuple[str, ...]]] = {
    "fields": ("idp_entity_id", "idp_sso_url", "idp_certificate"),
    "metadata_url": ("metadata_url",),
    "metadata_xml": ("metadata_xml",),
    "discovery_url": ("client_id", "client_secret", "discovery_url"),
}
_LONGEST_ENTITY_ID: Final = 1_024  # SAML 2.0 Metadata, section 2.2.1


@dataclass(frozen=True, slots=True)
class Checked:
    """A configuration in which no fault was found; `shown` is its wire form, without anything secret."""

    source: Source
    options: Options
    shown: Json
    advice: tuple[Advice, ...]
    certificates: tuple[Certificate, ...] = ()

    @property
    def protocol(self) -> Literal["saml", "oidc"]:
        """Return what it speaks."""
        return "saml" if isinstance(self.options, SamlOptions) else "oidc"


@dataclass(slots=True)
class _Findings:
    """Faults and advice, collected: an administrator hears of all that is wrong at once."""

    faults: list[Fault] = field(default_factory=list[Fault])
    advice: list[Advice] = field(default_factory=list[Advice])

    def require(self) -> None:
        """Raise Invalid with every fault, if there is one."""
        if self.faults:
            errors = [{"field": fault.field, "message": fault.message} for fault in self.faults]
            raise Invalid("; ".join(str(fault) for fault in self.faults)[:500], errors=errors)


async def check(given: Mapping[str, Any], *, outside: Outside, now: datetime) -> Checked:
    """Return what was entered as WorkOS takes it.

    Args:
        given: by field, of those of `WAYS`.
        outside: reads the addresses among them.
        now: certificates must be good.

    Raises:
        Invalid: with every field that is wrong, missing, or goes with none of the others.
    """
    source = _way(given)
    if source == "discovery_url":
        return await _oidc(given, outside)
    if source == "fields":
        return _by_fields(given, outside, now)
    name: str = source
    try:
        document = (
            given[name] if source == "metadata_xml" else await _read(given[name], name, outside, metadata.LONGEST)
        )
        found = metadata.read(document, name=name)
    except Fault as fault:
        raise _invalid(fault) from None
    return _by_metadata(found, source, given, outside, now)


def _way(given: Mapping[str, Any]) -> Source:
    """Return which way of telling an identity provider was taken."""
    begun: list[Source] = [way for way, fields in WAYS.items() if any(name in given for name in fields)]
    if not begun:
        raise Invalid(
            "Give a SAML provider (idp_entity_id, idp_sso_url and idp_certificate, or metadata_url, or metadata_xml)"
            " or an OIDC one (client_id, client_secret and discovery_url).",
            errors=[],
        )
    findings, wanted = _Findings(), begun[0]
    for way in begun[1:]:
        named = [name for name in WAYS[way] if name in given]
        findings.faults += [Fault(name, f"does not go with {', '.join(WAYS[wanted])}") for name in named]
    findings.faults += [Fault(name, "is missing") for name in WAYS[wanted] if name not in given]
    findings.require()
    return wanted


def _by_fields(given: Mapping[str, Any], outside: Outside, now: datetime) -> Checked:
    findings = _Findings()
    entity_id, sso_url = given["idp_entity_id"], given["idp_sso_url"]
    _check_entity_id(entity_id, "idp_entity_id", findings)
    _check_sso_url(sso_url, "idp_sso_url", outside, findings)
    found: list[Certificate] = []
    try:
        found.append(certificates.read(given["idp_certificate"], name="idp_certificate"))
        findings.advice += certificates.judge(found[0], now, name="idp_certificate")
    except Fault as fault:
        findings.faults.append(fault)
    findings.require()
    options = SamlOptions(None, entity_id, sso_url, tuple(one.pem for one in found))
    return Checked("fields", options, _saml(entity_id, sso_url, found), tuple(findings.advice), tuple(found))


def _by_metadata(found: Metadata, source: Source, given: Mapping[str, Any], outside: Outside, now: datetime) -> Checked:
    findings, name = _Findings(), str(source)
    if found.valid_until is not None and found.valid_until <= now:
        findings.faults.append(Fault(name, f"was good until {found.valid_until:%d %B %Y} only: get it anew"))
    _check_entity_id(found.entity_id, name, findings)
    if found.sso_url:
        _check_sso_url(found.sso_url, name, outside, findings)
    else:
        findings.faults.append(Fault(name, "has no single sign-on address for HTTP-Redirect or HTTP-POST"))
    good = _good_certificates(found, name, now, findings)
    findings.require()
    by_values = SamlOptions(None, found.entity_id, found.sso_url, tuple(one.pem for one in good))
    options = SamlOptions(given["metadata_url"]) if source == "metadata_url" else by_values
    return Checked(source, options, _saml(found.entity_id, found.sso_url, good), tuple(findings.advice), tuple(good))


def _good_certificates(found: Metadata, name: str, now: datetime, findings: _Findings) -> list[Certificate]:
    """Return the certificates that may be used; of several an expired one is told, of one it is a fault."""
    good: list[Certificate] = []
    expired: list[Fault] = []
    for text in found.certificates:
        try:
            certificate = certificates.read(text, name=name)
        except Fault as fault:
            findings.faults.append(fault)
            continue
        try:
            findings.advice += certificates.judge(certificate, now, name=name)
        except Fault as fault:
            expired.append(fault)
        else:
            good.append(certificate)
    if good:
        findings.advice += [Advice("certificate_expired", name, fault.message) for fault in expired]
    elif not findings.faults:
        findings.faults += expired or [Fault(name, "has no signing certificate")]
    return good


async def _oidc(given: Mapping[str, Any], outside: Outside) -> Checked:
    findings, url, client_id = _Findings(), str(given["discovery_url"]), str(given["client_id"])
    secret: SecretStr = given["client_secret"]
    shown = secret.get_secret_value()
    for name, value in (("client_id", client_id), ("client_secret", shown)):
        if not value.isprintable() or value != value.strip():
            findings.faults.append(Fault(name, "has blanks around it, or characters that are not printable"))
    if is_masked(shown):
        findings.faults.append(Fault("client_secret", "is masked, as forms show it: send the secret itself"))
    found = None
    try:
        found = await _discovered(url, outside, findings)
    except Fault as fault:
        findings.faults.append(fault)
    findings.require()
    told = {"client_id": client_id, "discovery_url": url, **(asdict(found) if found else {})}
    return Checked("discovery_url", OidcOptions(url, client_id, shown), told, tuple(findings.advice))


async def _discovered(url: str, outside: Outside, findings: _Findings) -> DiscoveryDocument:
    if not url.endswith(discovery_document.SUFFIX):
        raise Fault("discovery_url", f"must end in {discovery_document.SUFFIX}")
    body = await _read(url, "discovery_url", outside, discovery_document.LONGEST)
    found, advice = discovery_document.read(body, url=url, name="discovery_url", local=outside.is_local(url))
    findings.advice += advice
    return found


async def _read(url: str, name: str, outside: Outside, limit: int) -> bytes:
    try:
        return await outside.read(url, limit=limit)
    except OutsideRefused as refused:
        raise Fault(name, refused.why) from None


def _check_entity_id(value: str, name: str, findings: _Findings) -> None:
    if not 0 < len(value) <= _LONGEST_ENTITY_ID or not value.isprintable() or " " in value:
        findings.faults.append(Fault(name, "has no usable entity id: a URI of at most 1024 characters without blanks"))


def _check_sso_url(value: str, name: str, outside: Outside, findings: _Findings) -> None:
    """Refuse what no browser should be sent to. It may be of a company's own network: only browsers go there."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
        _ = parts.port
    except ValueError:
        sound = False
    if not (sound or outside.is_local(value)) or not value.isascii() or not value.isprintable() or " " in value:
        findings.faults.append(Fault(name, "has no usable sign-on address: an https URL without user and fragment"))


def _saml(entity_id: str, sso_url: str, found: list[Certificate]) -> Json:
    return {
        "idp_entity_id": entity_id,
        "idp_sso_url": sso_url,
        "certificates": [
            {
                "subject": one.subject,
                "issuer": one.issuer,
                "serial_number": one.serial_number,
                "fingerprint_sha256": one.fingerprint_sha256,
                "not_before": wire(one.not_before),
                "not_after": wire(one.not_after),
                "key_type": one.key_type,
                "key_size": one.key_size,
            }
            for one in found
        ],
    }


def _invalid(fault: Fault) -> Invalid:
    return Invalid(str(fault)[:500], errors=[{"field": fault.field, "message": fault.message}])
