/**
 * What a pasted certificate says (RFC 5280), before anything is sent: whose it is, its key, until when it is good.
 * The API judges it anew; this only tells a slip of the hand at once, above all a private key.
 */
// Before the other: it does not start without.
import "reflect-metadata";

import { X509Certificate, type Name } from "@peculiar/x509";

export interface CertificateRead {
  subject: string;
  key: string;
  notBefore: string;
  notAfter: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----([\s\S]*?)-----END \1-----/g;
const CERTIFICATES: ReadonlySet<string> = new Set(["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]);
const NONE = "This is not an X.509 certificate in PEM form. Copy it again, with its first and last line.";

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
    return { read: described(new X509Certificate(Uint8Array.from(atob(body.replace(/\s/g, "")), (one) => one.charCodeAt(0)))) };
  } catch {
    return { fault: NONE };
  }
}

function described({ subjectName, publicKey, notBefore, notAfter }: X509Certificate): CertificateRead {
  return {
    subject: nameOf(subjectName),
    key: keyOf(publicKey.algorithm),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

/** Returns a name as RFC 4514 writes it, the last part first. */
function nameOf(name: Name): string {
  const parts = name.toJSON().map((part) => Object.entries(part).flatMap(([type, texts]) => texts.map((text) => `${type}=${text}`)));
  return parts.reverse().map((part) => part.join("+")).join(",");
}

function keyOf(algorithm: KeyAlgorithm & { modulusLength?: number; namedCurve?: string }): string {
  if (algorithm.modulusLength) return `RSA, ${algorithm.modulusLength} bits`;
  const bits = /\d+/.exec(algorithm.namedCurve ?? "");
  if (bits) return `EC, ${bits[0]} bits`;
  return algorithm.name.startsWith("EC") ? "EC" : "of another kind";
}
