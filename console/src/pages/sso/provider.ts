/** What is entered of an identity provider: fields, ways of telling it, and slips that can be seen before it is sent. */
import type { Schemas } from "../../api/client";
import { isOpenable } from "../../ui/PortalLink";
import { readCertificate } from "./certificate";

export type Protocol = "saml" | "oidc";
export type Way = "metadata_url" | "metadata_xml" | "values" | "client";
export type FieldName =
  | "metadata_url"
  | "metadata_xml"
  | "idp_entity_id"
  | "idp_sso_url"
  | "idp_certificate"
  | "client_id"
  | "client_secret"
  | "discovery_url";
export type Values = Readonly<Partial<Record<FieldName, string>>>;
export type Faults = Readonly<Partial<Record<string, string>>>;

/** What was entered, to be shown again; nothing secret is in it. */
export interface Entered {
  way: Way;
  values: Values;
}

interface FieldWords {
  label: string;
  hint: string;
  kind: "line" | "area" | "secret";
}

export const NEW = "new";
const DISCOVERY = "/.well-known/openid-configuration";

export const FIELDS: Readonly<Record<FieldName, FieldWords>> = {
  metadata_url: {
    label: "Metadata URL",
    hint: "“App Federation Metadata URL” or the like. It must be reachable from the internet.",
    kind: "line",
  },
  metadata_xml: { label: "Metadata XML", hint: "Open the file that your provider lets you download and paste all of it.", kind: "area" },
  idp_entity_id: { label: "IdP Entity ID", hint: "“Issuer” or “Azure AD Identifier” at some providers.", kind: "line" },
  idp_sso_url: { label: "IdP SSO URL", hint: "Where browsers are sent to sign in: “Login URL” or “SAML 2.0 Endpoint”.", kind: "line" },
  idp_certificate: {
    label: "IdP Certificate",
    hint: "X.509 in PEM, with its first and last line. Never a private key.",
    kind: "area",
  },
  client_id: { label: "Client ID", hint: "Of the client that you registered for MemberPulse.", kind: "line" },
  client_secret: { label: "Client Secret", hint: "It goes to WorkOS and is kept nowhere else.", kind: "secret" },
  discovery_url: { label: "Discovery URL", hint: `It ends in ${DISCOVERY}.`, kind: "line" },
};

export const WAYS: Readonly<Record<Way, { title: string; hint: string; fields: readonly FieldName[] }>> = {
  metadata_url: {
    title: "Metadata URL",
    hint: "The best choice: WorkOS follows its changes, new certificates too.",
    fields: ["metadata_url"],
  },
  metadata_xml: { title: "Metadata file", hint: "Where the provider lets you download it.", fields: ["metadata_xml"] },
  values: {
    title: "Three values",
    hint: "Where the provider shows them one by one.",
    fields: ["idp_entity_id", "idp_sso_url", "idp_certificate"],
  },
  client: { title: "OpenID Connect", hint: "", fields: ["client_id", "client_secret", "discovery_url"] },
};

/** Returns what is wrong with a field as far as that can be seen here; null where nothing is. */
export function faultOf(name: FieldName, text: string): string | null {
  const value = text.trim();
  if (!value) return "This is needed.";
  switch (name) {
    case "metadata_url":
    case "idp_sso_url":
      return urlFault(value);
    case "discovery_url":
      return urlFault(value) ?? (value.endsWith(DISCOVERY) ? null : `It must end in ${DISCOVERY}.`);
    case "idp_entity_id":
      return value.length > 1024 || /\s/.test(value) ? "It is a URI of at most 1024 characters, without blanks." : null;
    case "idp_certificate": {
      const found = readCertificate(value);
      return "fault" in found ? found.fault : null;
    }
    case "metadata_xml":
      return xmlFault(value);
    default:
      return null;
  }
}

/** Returns what is wrong with each field of a way; empty where nothing is. */
export function faultsOf(way: Way, values: Values): Faults {
  const found = WAYS[way].fields.map((name) => [name, faultOf(name, values[name] ?? "")] as const);
  return Object.fromEntries(found.filter(([, fault]) => fault !== null)) as Faults;
}

/** Returns the fields of a way as they are sent. */
export function given(way: Way, values: Values): Partial<Record<FieldName, string>> {
  return Object.fromEntries(WAYS[way].fields.map((name) => [name, (values[name] ?? "").trim()]));
}

/** Returns what may be shown again of what was entered. */
export function shownOf(way: Way, values: Values): Entered {
  const open = WAYS[way].fields.filter((name) => FIELDS[name].kind !== "secret");
  return { way, values: Object.fromEntries(open.map((name) => [name, values[name]?.trim()])) };
}

/** Returns what the API says of single fields, as sentences: its words go on from a field's name. */
export function told(errors: readonly { field: string; message: string }[]): Faults {
  return Object.fromEntries(errors.map(({ field, message }) => [field, `It ${message}.`]));
}

/** Returns the providers of a protocol as the API knows them. */
export function providersOf(providers: readonly Schemas["Provider"][], protocol: Protocol): Schemas["Provider"][] {
  return providers.filter((one) => one.kind === "sso" && one.protocol === protocol);
}

function urlFault(value: string): string | null {
  try {
    return isOpenable(value) && !/\s/.test(value) ? null : "It must begin with https://.";
  } catch {
    return "It is not an address: it must begin with https://.";
  }
}

function xmlFault(value: string): string | null {
  if (!value.startsWith("<")) return "This is not XML: paste the whole file.";
  if (/<!(DOCTYPE|ENTITY)/i.test(value)) return "It declares a document type, which no real metadata does.";
  return value.includes("EntityDescriptor") ? null : "This is not SAML metadata: look for “federation metadata”.";
}
