// Verify MemberPulse access tokens with npm `jose`.
import { decodeProtectedHeader, jwtVerify } from "jose";
import { Keys, KeysUnavailable } from "./keys.mjs";

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const HEADER = ["alg", "kid", "typ"];
const TIMES = ["exp", "nbf", "iat"];
const TEXTS = ["sub", "org_id", "sid", "client_id", "jti"];

/** Answer 401 `invalid_token`. The message is for your log, not for the caller. */
export class TokenInvalid extends Error {}

/**
 * Returns an async function: token -> { sub, org_id, sid, client_id, roles }.
 * It throws TokenInvalid (401) or KeysUnavailable (503). Make one per process and keep it.
 */
export function createVerifier({ issuer, audience, keys = new Keys(`${issuer}/.well-known/jwks.json`) }) {
  return async (token) => {
    try {
      return await verify(token, { issuer, audience, keys });
    } catch (refused) {
      if (refused instanceof KeysUnavailable || refused instanceof TokenInvalid) throw refused;
      throw new TokenInvalid(refused.message, { cause: refused });
    }
  };
}

async function verify(token, { issuer, audience, keys }) {
  const found = await keys.get(kidOf(token));
  if (!found) throw new TokenInvalid("no such key");
  const { payload } = await jwtVerify(token, found.key, {
    algorithms: [found.alg], // the key's, never the header's
    issuer,
    audience,
    typ: "at+jwt",
    clockTolerance: 30,
    maxTokenAge: 900, // seconds since `iat`; it also refuses an `iat` in the future
    requiredClaims: [...TIMES, ...TEXTS],
  });
  if (!TIMES.every((name) => Number.isSafeInteger(payload[name]))) throw new TokenInvalid("a time is no integer");
  if (!TEXTS.every((name) => isText(payload[name]))) throw new TokenInvalid("a claim is no text");
  const { sub, org_id, sid, client_id, roles } = payload;
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === "string")) throw new TokenInvalid("roles");
  return { sub, org_id, sid, client_id, roles };
}

/** The name of the key. The header may name a key and choose nothing. */
function kidOf(token) {
  if (typeof token !== "string" || token.length > 8192 || !TOKEN.test(token)) throw new TokenInvalid("not a token");
  if (!token.split(".").every(isOneSpelling)) throw new TokenInvalid("not canonical base64url");
  const header = decodeProtectedHeader(token);
  // `crit` demands what we do not do; `jwk`, `jku`, `x5c` and `x5u` bring the sender's own key.
  if (!Object.keys(header).every((name) => HEADER.includes(name))) throw new TokenInvalid("unexpected header");
  if (!/^[A-Za-z0-9_-]{8,64}$/.test(header.kid)) throw new TokenInvalid("no usable kid");
  return header.kid;
}

// Unused last bits would give one token several spellings.
const isOneSpelling = (part) => Buffer.from(part, "base64url").toString("base64url") === part;

const isText = (value) => typeof value === "string" && value !== "";
