// MemberPulse's public keys: asked for every five minutes, kept when that fails.
import { importJWK } from "jose";

const FRESH = 300; // seconds until the key set is asked for again: the endpoint's max-age
const PATIENCE = 30; // seconds between two requests at least, or a flood of made-up kids becomes a flood of requests
const LAST_RESORT = 86_400; // seconds an old key set serves while the endpoint fails: its stale-if-error
const ALGORITHMS = ["ES256", "RS256"];

/** There are no usable keys. The token is not to blame: answer 503, not 401. */
export class KeysUnavailable extends Error {}

/** The key set behind one URL. Make one per process and keep it. */
export class Keys {
  #url;
  #clock;
  #keys = new Map();
  #etag;
  #tried = -Infinity;
  #fetched = -Infinity;
  #flight;

  constructor(url, { clock = () => performance.now() / 1000 } = {}) {
    this.#url = url;
    this.#clock = clock;
  }

  /** Resolves to { alg, key } of the key named `kid`, or undefined; throws KeysUnavailable. */
  async get(kid) {
    const usable = this.#keys.has(kid) && this.#age() <= LAST_RESORT;
    // One caller asks. Others wait only if they cannot go on with the key they have.
    if (!usable || (this.#age() >= FRESH && !this.#flight)) await this.#refresh();
    if (this.#keys.size === 0 || this.#age() > LAST_RESORT) throw new KeysUnavailable("no keys");
    return this.#keys.get(kid);
  }

  #age() {
    return this.#clock() - this.#fetched;
  }

  #refresh() {
    const wait = this.#keys.size ? PATIENCE : 1;
    if (!this.#flight && this.#clock() - this.#tried >= wait) {
      this.#tried = this.#clock();
      this.#flight = this.#fetch()
        .catch((failure) => console.warn("MemberPulse's keys could not be fetched; the old ones stay:", failure))
        .finally(() => (this.#flight = undefined));
    }
    return this.#flight; // the same request for everybody
  }

  async #fetch() {
    const headers = this.#etag ? { "If-None-Match": this.#etag } : {};
    const answer = await fetch(this.#url, { headers, redirect: "manual", signal: AbortSignal.timeout(3000) });
    if (answer.status !== 304) {
      if (answer.status !== 200) throw new Error(`status ${answer.status}`);
      const published = (await answer.json()).keys.filter((jwk) => ALGORITHMS.includes(jwk.alg));
      if (published.length === 0) throw new Error("the key set is empty");
      const pairs = published.map(async (jwk) => [jwk.kid, { alg: jwk.alg, key: await importJWK(jwk, jwk.alg) }]);
      this.#keys = new Map(await Promise.all(pairs));
      this.#etag = answer.headers.get("ETag");
    }
    this.#fetched = this.#tried;
  }
}
