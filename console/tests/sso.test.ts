import { expect, test } from "vitest";

import { Problem } from "../src/api/problem";
import { attributeRows, isMoving, mappedRows } from "../src/pages/connection/trial";
import { fixOf } from "../src/pages/diagnosis/checks";
import { readCertificate } from "../src/pages/sso/certificate";
import { expiry } from "../src/pages/sso/expiry";
import { consequences, lockoutOf } from "../src/pages/sso/lockout";
import { cautions, changesOf, spanOf, spans, type Policy } from "../src/pages/sso/policy";
import { faultOf, faultsOf, given, shownOf, told } from "../src/pages/sso/provider";
import { EC, RSA } from "./certificates";

const POLICY: Policy = {
  object: "sso_policy",
  organization_id: "o",
  enabled: true,
  required: false,
  default_connection: "c",
  jit_provisioning: "without_directory",
  default_role: "ROLE_MEMBER",
  allow_idp_initiated: false,
  allow_foreign_domains: false,
  hard_delete_removed_users: false,
  session_idle_seconds: 28_800,
  session_absolute_seconds: 86_400,
  version: 3,
};

const faultIn = (text: string) => {
  const found = readCertificate(text);
  return "fault" in found ? found.fault : null;
};

test("a certificate says whose it is, its key and until when it is good", () => {
  expect(readCertificate(`from our IT:\n${RSA}\n`)).toEqual({
    read: {
      subject: "CN=idp.example,O=Zürcher Käse,C=DE",
      key: "RSA, 2048 bits",
      notBefore: "2024-02-29T12:00:00.000Z",
      notAfter: "2034-02-28T12:30:45.000Z",
    },
  });
});

test("an end beyond 2049 is written otherwise and read all the same", () => {
  expect(readCertificate(EC)).toMatchObject({ read: { key: "EC, 384 bits", notAfter: "2061-06-01T00:00:00.000Z" } });
});

test("the bare base64 that some providers show is a certificate, too", () => {
  expect(readCertificate(RSA.split("\n").slice(1, -1).join("\n"))).toHaveProperty("read");
});

test("a private key is refused wherever it stands", () => {
  const word = ["RSA", "PRIVATE", "KEY"].join(" ");
  const key = `-----BEGIN ${word}-----\nAAAA\n-----END ${word}-----`;
  expect(faultIn(`${RSA}\n${key}`)).toContain("private key");
});

test("what is no certificate, cut off or several is no certificate", () => {
  expect(faultIn(`${RSA}\n${EC}`)).toContain("several");
  const middle = RSA.split("\n").slice(1, -1).join("");
  for (const length of [4, 40, 400, 900])
    expect(faultIn(`-----BEGIN CERTIFICATE-----\n${middle.slice(0, length)}\n-----END CERTIFICATE-----`)).toContain("not an X.509");
  for (const text of ["", "words", "-----BEGIN CERTIFICATE-----", "-----BEGIN CSR-----\nAAAA\n-----END CSR-----"])
    expect(faultIn(text)).toContain("not an X.509");
});

test("a certificate is near its end for thirty days", () => {
  const now = Date.parse("2034-02-01T00:00:00Z");
  expect(expiry("2034-03-04T00:00:00Z", now)).toBe("good");
  expect(expiry("2034-03-01T00:00:00Z", now)).toBe("soon");
  expect(expiry("2034-02-01T00:00:00Z", now)).toBe("expired");
});

test("slips are seen before anything is sent", () => {
  expect(faultOf("metadata_url", "idp.example/metadata")).toContain("not an address");
  expect(faultOf("idp_sso_url", "http://idp.example/sso")).toContain("https");
  expect(faultOf("idp_sso_url", "https://sso.corp.internal/login")).toBeNull();
  expect(faultOf("discovery_url", "https://idp.example/")).toContain("openid-configuration");
  expect(faultOf("idp_entity_id", "urn:two words")).toContain("blanks");
  expect(faultOf("metadata_xml", "<html></html>")).toContain("not SAML metadata");
  expect(faultOf("metadata_xml", '<!DOCTYPE a><EntityDescriptor entityID="e"/>')).toContain("document type");
  expect(faultOf("client_secret", "  ")).toBe("This is needed.");
  expect(faultsOf("values", { idp_entity_id: "e", idp_sso_url: "https://idp.example/sso", idp_certificate: RSA })).toEqual({});
});

test("only the fields of the chosen way are sent, without the spaces around them", () => {
  const values = { metadata_url: " https://idp.example/m ", client_id: "left from before" };
  expect(given("metadata_url", values)).toEqual({ metadata_url: "https://idp.example/m" });
});

test("a secret is not among what is shown again", () => {
  const { values } = shownOf("client", { client_id: "c", client_secret: "s", discovery_url: "d" });
  expect(values).toEqual({ client_id: "c", discovery_url: "d" });
});

test("the API's words about a field are a sentence", () => {
  expect(told([{ field: "idp_certificate", message: "expired on 1 May 2026" }])).toEqual({
    idp_certificate: "It expired on 1 May 2026.",
  });
});

test("only what is different is sent, no connection among it", () => {
  expect(changesOf(POLICY, POLICY)).toEqual({});
  expect(changesOf(POLICY, { ...POLICY, required: true, default_connection: null })).toEqual({
    required: true,
    default_connection: null,
  });
});

test("what cannot be undone, or shuts everybody out, is asked first", () => {
  expect(cautions({ required: true, session_idle_seconds: 900 })).toEqual([]);
  expect(cautions({ enabled: true, allow_foreign_domains: false })).toEqual([]);
  expect(cautions({ enabled: false })[0]).toContain("Nobody");
  expect(cautions({ hard_delete_removed_users: true, allow_foreign_domains: true })).toHaveLength(2);
});

test("a span of time is said whole, and one that was set elsewhere is kept", () => {
  expect([900, 5_400, 129_600, 604_800].map(spanOf)).toEqual(["15 minutes", "90 minutes", "36 hours", "7 days"]);
  expect(spans("idle", 5_400).map(({ value }) => value)).toContain("5400");
  expect(spans("idle", 86_400).at(-1)).toEqual({ value: "86400", title: "1 day" });
});

test("whom a policy would lock out is read from that refusal alone", () => {
  const members = { code: "sso_would_lock_out", locked_out: { count: 2, of_people: 9, people: [] }, warnings: [] };
  expect(lockoutOf(new Problem(members as never, 409, null))).toMatchObject({ lockedOut: { count: 2 }, ofPeople: 9 });
  expect(lockoutOf(new Problem({ code: "version_outdated" }, 412, null))).toBeNull();
  expect(lockoutOf(new Error("away"))).toBeNull();
});

test("whoever has not tried yet is not said to be locked out", () => {
  const lockout = { ofPeople: 3, lockedOut: { count: 0, people: [] }, notSeenYet: { count: 3, people: [] }, warnings: [] };
  expect(consequences(lockout).join(" ")).toMatch(/^3 people have not signed in by single sign-on yet/);
  expect(consequences({ ...lockout, lockedOut: { count: 2, people: [] }, notSeenYet: { count: 1, people: [] } })).toEqual([
    "2 of 3 people could not sign in any more.",
    "1 person has not signed in by single sign-on yet: they can try, and nothing says that it would fail.",
  ]);
});

test("a test's values are text, however deep they are", () => {
  const attributes = { email: "a@b.example", groups: ["x", "y"], emails: [{ value: "a" }], active: true };
  expect(attributeRows({ attributes }).map(({ value }) => value)).toEqual(["a@b.example", "x, y", '[{"value":"a"}]', "true"]);
  const mapping = { email: { value: "a@b.example", attribute: "email", required: true } };
  const rows = [{ title: "E-mail", value: "a@b.example", isRequired: true }, { title: "Groups", value: "x, y" }];
  expect(mappedRows({ mapping, groups: ["x", "y"] })).toMatchObject(rows);
  expect([isMoving({ status: "running" }), isMoving({ status: "expired" }), isMoving(undefined)]).toEqual([true, false, false]);
});

test("a fix is of the organization that was looked at", () => {
  expect(fixOf("policy", "o1", "a@b.example")).toMatchObject({ to: "/sso?organization=o1", permission: "sso:configure" });
  expect(fixOf("account", "o1", "a+1@b.example")).toMatchObject({ to: "/people?organization=o1&search=a%2B1%40b.example" });
  expect(fixOf("sessions", "o1", "a@b.example")).toBeNull();
  expect(fixOf("policy", undefined, "a@b.example")).toBeNull();
});
