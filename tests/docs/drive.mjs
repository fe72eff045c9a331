// Drives the Node sample: one JSON command per line in, one JSON answer per line out.
import { createInterface } from "node:readline";
import { Keys, KeysUnavailable } from "../../docs/samples/node/keys.mjs";
import { createRemoteJWKSet, importJWK } from "../../docs/samples/node/node_modules/jose/dist/webapi/index.js";
import { TokenInvalid, createVerifier } from "../../docs/samples/node/verify.mjs";

let seconds = 0;
let verify;
let remote;

const commands = {
  start({ issuer, audience, url }) {
    verify = createVerifier({ issuer, audience, keys: new Keys(url, { clock: () => seconds }) });
  },
  advance({ by }) {
    seconds += by;
  },
  // What jose itself offers, with keys that are stale at once.
  async remote({ url, kid }) {
    remote ??= createRemoteJWKSet(new URL(url), { cacheMaxAge: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    return remote({ alg: "ES256", kid }).then(() => "found", () => "refused");
  },
  // The shared vectors: given keys, and each token at its own instant.
  async vectors({ issuer, audience, jwks, tokens }) {
    const pairs = jwks.map(async (jwk) => [jwk.kid, { alg: jwk.alg, key: await importJWK(jwk, jwk.alg) }]);
    const keys = new Map(await Promise.all(pairs));
    verify = createVerifier({ issuer, audience, keys: { get: async (kid) => keys.get(kid) } });
    const said = [];
    for (const { token, now } of tokens) said.push(await at(now, () => outcome(token)));
    return said;
  },
  verify: ({ tokens }) => Promise.all(tokens.map(timed)),
};

async function at(now, act) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length ? given : [now * 1000]));
    }
    static now = () => now * 1000;
  };
  try {
    return await act();
  } finally {
    globalThis.Date = RealDate;
  }
}

async function timed(token) {
  const began = performance.now();
  const said = await outcome(token);
  return [(performance.now() - began) / 1000, said];
}

async function outcome(token) {
  try {
    return await verify(token);
  } catch (refused) {
    if (refused instanceof TokenInvalid) return "invalid";
    if (refused instanceof KeysUnavailable) return "unavailable";
    return `broken: ${refused.stack}`;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  console.log(JSON.stringify((await commands[command](rest)) ?? null));
}
