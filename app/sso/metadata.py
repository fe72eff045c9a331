"""SAML metadata of an identity provider, read from XML that somebody else wrote; pure (SAML 2.0 Metadata, 2.4).

Nothing is fetched and nothing is expanded: a document type, an entity or a deep nest ends the reading (XXE, "billion
laughs"). Its signature is not checked: whoever sends it may write any metadata anyway.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from xml.parsers import expat

from app.kit.instants import lenient
from app.sso.findings import Fault

LONGEST: Final = 1024 * 1024
"""Bytes of a document. One that describes several identity providers has more, and cannot be taken anyway."""
_MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_BINDINGS: Final = (
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
)
_DEEPEST: Final = 64
_MOST_CERTIFICATES: Final = 10
_LONGEST_TEXT: Final = 32_768


@dataclass(slots=True)
class Metadata:
    """What metadata tells of one identity provider; certificates as base64, in their order."""

    entity_id: str = ""
    sso_urls: dict[str, str] = field(default_factory=dict[str, str])
    certificates: list[str] = field(default_factory=list[str])
    valid_until: datetime | None = None

    @property
    def sso_url(self) -> str:
        """Return where a sign-in is sent to, by the binding that WorkOS uses first; "" without one."""
        return next((self.sso_urls[binding] for binding in _BINDINGS if binding in self.sso_urls), "")


def read(document: bytes | str, *, name: str) -> Metadata:
    """Return what a document tells of its one identity provider.

    Args:
        document: bytes as they were fetched, in the encoding that they declare, or a text, whatever it declares.
        name: the field that it, or its address, came in.

    Raises:
        Fault: it is no such document, too large, holds declarations, or describes no or several identity providers.
    """
    if len(document) > LONGEST:
        raise Fault(name, f"is larger than {LONGEST // 1024} kB")
    reading = _Reading(name, encoding="utf-8" if isinstance(document, str) else None)
    try:
        told = document.encode() if isinstance(document, str) else document
        reading.parser.Parse(told, True)
    except (expat.ExpatError, ValueError, LookupError):  # the last two: an encoding that it does not know
        raise Fault(name, "is no XML") from None
    return reading.found()


class _Reading:
    """One document being read: keeps what is looked for and forgets the rest."""

    def __init__(self, name: str, *, encoding: str | None) -> None:
        self._name = name
        self._path: list[str] = []
        self._text: list[str] | None = None
        self._length = 0
        self._entities: list[Metadata] = []
        self._providers: list[Metadata] = []
        self._signs = False
        self.parser = expat.ParserCreate(encoding, namespace_separator=" ")
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        for declared in ("StartDoctypeDeclHandler", "EntityDeclHandler", "UnparsedEntityDeclHandler"):
            setattr(self.parser, declared, self._refuse)
        for declared in ("NotationDeclHandler", "ExternalEntityRefHandler", "ElementDeclHandler", "AttlistDeclHandler"):
            setattr(self.parser, declared, self._refuse)

    def found(self) -> Metadata:
        """Return the one identity provider."""
        if not self._entities:
            raise Fault(self._name, "is no SAML metadata (there is no EntityDescriptor)")
        if not self._providers:
            raise Fault(self._name, "describes no identity provider (there is no IDPSSODescriptor)")
        if len(self._providers) > 1:
            raise Fault(self._name, "describes several identity providers: give the metadata of yours alone")
        return self._providers[0]

    def _refuse(self, *_declared: object) -> None:
        raise Fault(self._name, "declares a document type or entities, which SAML metadata never needs")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) > _DEEPEST:
            raise Fault(self._name, f"is nested more than {_DEEPEST} elements deep")
        match tag:
            case "urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor":
                self._entities.append(
                    Metadata(attributes.get("entityID", ""), valid_until=lenient(attributes.get("validUntil")))
                )
            case "urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor" if self._entities:
                if not self._providers or self._providers[-1] is not self._entities[-1]:
                    self._providers.append(self._entities[-1])
            case "urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor":
                self._signs = attributes.get("use", "signing") == "signing"
            case "urn:oasis:names:tc:SAML:2.0:metadata SingleSignOnService" if self._is_of_provider():
                self._providers[-1].sso_urls.setdefault(attributes.get("Binding", ""), attributes.get("Location", ""))
            case "http://www.w3.org/2000/09/xmldsig# X509Certificate" if self._is_of_provider() and self._signs:
                # Inside of a KeyDescriptor: the document's own signature carries a certificate too.
                self._text, self._length = ([] if f"{_MD} KeyDescriptor" in self._path else None), 0
            case _:
                pass

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
            self._length += len(text)
            if self._length > _LONGEST_TEXT:
                raise Fault(self._name, "holds a certificate that is too long")

    def _end(self, tag: str) -> None:
        self._path.pop()
        if self._text is not None and tag == f"{_DS} X509Certificate":
            certificates, text = self._providers[-1].certificates, "".join("".join(self._text).split())
            self._text = None
            if text not in certificates:
                certificates.append(text)
            if len(certificates) > _MOST_CERTIFICATES:
                raise Fault(self._name, f"holds more than {_MOST_CERTIFICATES} certificates")

    def _is_of_provider(self) -> bool:
        return f"{_MD} IDPSSODescriptor" in self._path
