/**
 * What a pasted certificate says (RFC 5280), before anything is sent: whose it is, its key, until when it is good.
 * The API judges it anew; this only tells a slip of the hand at once, above all a private key.
 */
import { hex, inside, SEQUENCE, valueAt, values, type Value } from "./der";

export interface CertificateRead {
  subject: string;
  key: string;
  notBefore: string;
  notAfter: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----([\s\S]*?)-----END \1-----/g;
const CERTIFICATES: ReadonlySet<string> = new Set(["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]);
const NONE = "This is no X.509 certificate in PEM form. Copy it again, with its first and last line.";
const NAMES: Readonly<Record<string, string>> = {
  "550403": "CN",
  "550406": "C",
  "550407": "L",
  "550408": "ST",
  "55040a": "O",
  "55040b": "OU",
  "2a864886f70d010901": "E",
};
const RSA = "2a864886f70d010101";
const EC = "2a8648ce3d0201";
const DSA = "2a8648ce380401";
const CURVES: Readonly<Record<string, number>> = {
  "2a8648ce3d030101": 192,
  "2b81040021": 224,
  "2a8648ce3d030107": 256,
  "2b8104000a": 256,
  "2b81040022": 384,
  "2b81040023": 521,
};
const VERSION = 0xa0;
const UTC_TIME = 0x17;
const BMP_STRING = 0x1e;

/** Returns what the one certificate of a text says, or what is wrong with the text. */
export function readCertificate(text: string): { read: CertificateRead } | { fault: string } {
  const blocks = [...text.matchAll(BLOCK)].map(([, label = "", body = ""]) => ({ label, body }));
  if (blocks.some(({ label }) => label.includes("PRIVATE KEY")))
    return { fault: "This holds a private key, which nobody else may see: make a new pair, and paste the certificate alone." };
  const found = blocks.filter(({ label }) => CERTIFICATES.has(label));
  if (found.length > 1) return { fault: "These are several certificates: paste the one that the identity provider signs with." };
  const body = found[0]?.body ?? (text.includes("-----") ? null : text);
  if (!body?.trim()) return { fault: NONE };
  try {
    return { read: described(Uint8Array.from(atob(body.replace(/\s/g, "")), (one) => one.charCodeAt(0))) };
  } catch {
    return { fault: NONE };
  }
}

function described(der: Uint8Array): CertificateRead {
  const signed = inside(inside(values(der), 0), 0);
  // The version stands first, but a certificate of the first one leaves it out.
  const from = signed[0]?.tag === VERSION ? 1 : 0;
  const [begins, ends] = inside(signed, from + 3);
  if (!begins || !ends) throw new RangeError("its validity is missing");
  return {
    subject: nameOf(inside(signed, from + 4)),
    key: keyOf(inside(signed, from + 5)),
    notBefore: instantOf(begins),
    notAfter: instantOf(ends),
  };
}

/** Returns a name as RFC 4514 writes it, the last part first. */
function nameOf(parts: Value[]): string {
  const told = parts.flatMap((part) =>
    values(part.body).map(({ body }) => {
      const [type, text] = values(body);
      if (!type || !text) throw new RangeError("a part of the name is missing");
      return `${NAMES[hex(type.body)] ?? "?"}=${textOf(text)}`;
    }),
  );
  return told.reverse().join(",");
}

function textOf({ tag, body }: Value): string {
  return new TextDecoder(tag === BMP_STRING ? "utf-16be" : "utf-8").decode(body);
}

function keyOf(info: Value[]): string {
  const [algorithm, parameters] = inside(info, 0);
  switch (hex(algorithm?.body ?? new Uint8Array())) {
    case RSA:
      return `RSA, ${bitsOf(modulusOf(valueAt(info, 1)))} bits`;
    case EC: {
      const bits = parameters && CURVES[hex(parameters.body)];
      return bits ? `EC, ${bits} bits` : "EC";
    }
    case DSA:
      return "DSA";
    default:
      return "of another kind";
  }
}

/** Returns the modulus of an RSA key (RFC 8017 A.1.1), which stands in a bit string behind its count of unused bits. */
function modulusOf({ body }: Value): Uint8Array {
  const [key] = values(body.subarray(1));
  if (key?.tag !== SEQUENCE) throw new RangeError("the key is no RSA key");
  return valueAt(values(key.body), 0).body;
}

function bitsOf(number: Uint8Array): number {
  const first = number.findIndex((one) => one !== 0);
  if (first < 0) return 0;
  return (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}

/** Returns an instant of a certificate; its years of two digits begin in 1950 (RFC 5280 4.1.2.5.1). */
function instantOf({ tag, body }: Value): string {
  const text = new TextDecoder().decode(body);
  const digits = tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`).toISOString();
}
