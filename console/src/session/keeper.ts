/** The keeper of the access token: in memory only, minted from the session cookie, one mint at a time. */
import { problemOf, SessionEnded, Unreachable } from "../api/problem";
import type { components } from "../api/schema.gen";

export type Session = components["schemas"]["Session"];
type TokenAnswer = components["schemas"]["TokenAnswer"];

export type Standing =
  | { kind: "unknown" }
  | { kind: "unreachable"; error: Error }
  | { kind: "signed-out"; reason: "none" | "signed-out" | "ended" }
  | { kind: "signed-in"; session: Session }
  | { kind: "interrupted"; session: Session; reason: "ended" | "recent-sign-in-needed" };

interface Held {
  token: string;
  since: number;
  until: number;
  authTime: string;
}

/** A token that has less than this to live is replaced before it is used. */
const SPARE_MS = 45_000;
/** A token that was minted longer ago may say less, or more, than the person may do now. */
const FRESH_MS = 10_000;

export interface World {
  fetch: typeof fetch;
  now: () => number;
  /** Tells other tabs; returns nothing. */
  tell: (word: "signed-in" | "signed-out") => void;
  /** Another person signed in: whatever is on the screen is not theirs. */
  restart: () => void;
}

const ANOTHER = "Another person signed in.";

function isSamePerson(one: Session, other: Session): boolean {
  return one.user.id === other.user.id && one.organization?.id === other.organization?.id;
}

export class Keeper {
  #world: World;
  #standing: Standing = { kind: "unknown" };
  #held: Held | null = null;
  #minting: Promise<string> | null = null;
  /** Whose data this page may hold, a sign-out notwithstanding. */
  #shown: Session | null = null;
  #isLeaving = false;
  #listeners = new Set<() => void>();
  #waiting: { resolve: (token: string) => void; reject: (error: Error) => void }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  get standing(): Standing {
    return this.#standing;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Finds out whether there is a session, when the application starts. */
  async begin(): Promise<void> {
    await this.#mint().catch(() => undefined);
  }

  /** Returns a token that is good for a while; waits for the person where the session has ended. */
  async token(): Promise<string> {
    if (this.#held && this.#held.until - this.#world.now() > SPARE_MS) return this.#held.token;
    if (this.#hasEnded()) return this.#newSignIn("ended");
    try {
      return await this.#mint();
    } catch (error) {
      if (this.#hasEnded()) return this.#newSignIn("ended");
      throw error;
    }
  }

  /** Returns another token than this one, which was refused. */
  async tokenInsteadOf(refused: string): Promise<string> {
    if (this.#held?.token === refused) this.#held = null;
    return this.token();
  }

  /** Returns a token of a sign-in that is yet to happen. */
  afterNewSignIn(): Promise<string> {
    return this.#newSignIn("recent-sign-in-needed");
  }

  /** Something was not permitted: finds out what the person may do now, so that no more than that is offered. */
  async reconsider(): Promise<void> {
    if (!this.#held || this.#world.now() - this.#held.since < FRESH_MS) return;
    await this.#mint().catch(() => undefined);
  }

  /** The person signed in again, in another tab: takes their new session up, or says that there is none yet. */
  async resume(): Promise<boolean> {
    const before = this.#held?.authTime;
    const reason = this.#standing.kind === "interrupted" ? this.#standing.reason : null;
    const token = await this.#mint().catch(() => null);
    if (token === null) return false;
    if (reason === "recent-sign-in-needed" && this.#held?.authTime === before) {
      this.#interrupt(reason);
      return false;
    }
    this.#release((one) => one.resolve(token));
    return true;
  }

  /** The person does not want to sign in again: what waited is refused. */
  abandon(): void {
    if (this.#standing.kind !== "interrupted") return;
    const { session, reason } = this.#standing;
    this.#set(reason === "ended" ? { kind: "signed-out", reason: "ended" } : { kind: "signed-in", session });
    this.#release((one) => one.reject(new SessionEnded("Nobody signed in again.")));
  }

  /** Forgets the token: the session was ended on purpose, here or in another tab. */
  forget(reason: "signed-out" | "ended" = "signed-out"): void {
    this.#held = null;
    // A token that is on its way belongs to the session that ended: it would show the person signed in again.
    this.#minting = null;
    this.#release((one) => one.reject(new SessionEnded("Signed out.")));
    this.#set({ kind: "signed-out", reason });
  }

  /** Ends the session; returns where to go to be signed out of the identity provider too. */
  async signOut(): Promise<string | null> {
    const response = await this.#post("/auth/logout");
    const body = (await response.json().catch(() => null)) as { logout_url?: string | null } | null;
    if (!response.ok && response.status !== 401) throw problemOf(body, response);
    this.forget();
    this.#world.tell("signed-out");
    return body?.logout_url ?? null;
  }

  #newSignIn(reason: "ended" | "recent-sign-in-needed"): Promise<string> {
    this.#interrupt(reason);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #interrupt(reason: "ended" | "recent-sign-in-needed"): void {
    const now = this.#standing;
    if (now.kind === "signed-in" || now.kind === "interrupted")
      this.#set({ kind: "interrupted", session: now.session, reason });
  }

  #mint(): Promise<string> {
    if (this.#minting) return this.#minting;
    const minting: Promise<string> = this.#askForToken(() => this.#minting === minting).finally(() => {
      if (this.#minting === minting) this.#minting = null;
    });
    this.#minting = minting;
    return minting;
  }

  async #askForToken(isWanted: () => boolean): Promise<string> {
    if (this.#isLeaving) throw new SessionEnded(ANOTHER);
    const response = await this.#post("/auth/token");
    const body: unknown = await response.json().catch(() => null);
    if (!isWanted()) throw new SessionEnded("Signed out.");
    if (response.ok) return this.#keep(body as TokenAnswer);
    if (response.status !== 401) throw this.#noAnswer(problemOf(body, response));
    this.#held = null;
    const { kind } = this.#standing;
    if (kind === "unknown" || kind === "unreachable") this.#set({ kind: "signed-out", reason: "none" });
    this.#interrupt("ended");
    throw new SessionEnded("There is no session.");
  }

  #hasEnded(): boolean {
    return this.#standing.kind === "interrupted" && this.#standing.reason === "ended";
  }

  #noAnswer(error: Error): Error {
    const { kind } = this.#standing;
    if (kind === "unknown" || kind === "unreachable") this.#set({ kind: "unreachable", error });
    return error;
  }

  #keep(answer: TokenAnswer): string {
    const { session } = answer;
    const now = this.#standing;
    const shown = this.#shown;
    if (shown && !isSamePerson(shown, session)) throw this.#leave();
    this.#shown = session;
    this.#held = {
      token: answer.access_token,
      since: this.#world.now(),
      until: this.#world.now() + answer.expires_in * 1000,
      authTime: session.session.auth_time,
    };
    if (now.kind !== "interrupted" || now.reason === "ended" || shown?.session.auth_time !== session.session.auth_time)
      this.#set({ kind: "signed-in", session });
    return answer.access_token;
  }

  /** What is on this page, and what waits to be sent, is another person's: neither may be seen or done by this one. */
  #leave(): SessionEnded {
    const ended = new SessionEnded(ANOTHER);
    this.#isLeaving = true;
    this.#held = null;
    this.#release((one) => one.reject(ended));
    this.#set({ kind: "unknown" });
    this.#world.restart();
    return ended;
  }

  async #post(path: string): Promise<Response> {
    try {
      return await this.#world.fetch(path, { method: "POST", credentials: "same-origin" });
    } catch {
      throw this.#noAnswer(new Unreachable("The gateway does not answer."));
    }
  }

  #release(settle: (one: { resolve: (token: string) => void; reject: (error: Error) => void }) => void): void {
    this.#waiting.splice(0).forEach(settle);
  }

  #set(standing: Standing): void {
    this.#standing = standing;
    this.#listeners.forEach((listener) => listener());
  }
}

const channel = new BroadcastChannel("memberpulse-session");

/** Tells the other tabs of this browser what became of the session. */
export function tell(word: "signed-in" | "signed-out"): void {
  channel.postMessage(word);
}

export const keeper = new Keeper({
  fetch: (...asked) => fetch(...asked),
  now: () => Date.now(),
  tell,
  restart: () => window.location.assign("/console/"),
});

channel.addEventListener("message", (event: MessageEvent<unknown>) => {
  if (event.data === "signed-out") keeper.forget();
  else void keeper.resume();
});
