import { beforeEach, expect, test, vi } from "vitest";

vi.stubGlobal("BroadcastChannel", class { postMessage = () => undefined; addEventListener = () => undefined; });

const { Keeper } = await import("../src/session/keeper");
const { SessionEnded } = await import("../src/api/problem");

const ADA = { user: { id: "ada" }, organization: { id: "acme" }, session: { auth_time: "2026-01-01T00:00:00Z" } };

let now = 0;
let minted = 0;
let answers: (() => Response)[] = [];
let restarted = 0;
let late: Promise<Response> | null = null;

function minting(session: object = ADA): () => Response {
  return () => Response.json({ access_token: `token-${++minted}`, expires_in: 300, session });
}
const refusing = () => Response.json({ code: "not_authenticated" }, { status: 401 });

function aKeeper() {
  return new Keeper({
    fetch: () => {
      const first = late;
      late = null;
      return first ?? Promise.resolve((answers.shift() ?? refusing)());
    },
    now: () => now,
    tell: () => undefined,
    restart: () => restarted++,
  });
}

beforeEach(() => {
  now = 0;
  minted = 0;
  restarted = 0;
  answers = [];
});

test("a token is kept until it nears its end", async () => {
  answers = [minting(), minting()];
  const keeper = aKeeper();
  await keeper.begin();
  expect(await keeper.token()).toBe("token-1");
  now = 200_000;
  expect(await keeper.token()).toBe("token-1");
  now = 256_000;
  expect(await Promise.all([keeper.token(), keeper.token()])).toEqual(["token-2", "token-2"]);
});

test("who has no session is signed out", async () => {
  const keeper = aKeeper();
  await keeper.begin();
  expect(keeper.standing).toEqual({ kind: "signed-out", reason: "none" });
  await expect(keeper.token()).rejects.toThrow(SessionEnded);
});

test("a call waits while the session has ended, and goes on after a new sign-in", async () => {
  answers = [minting(), refusing];
  const keeper = aKeeper();
  await keeper.begin();
  now = 300_000;
  const waiting = keeper.token();
  await vi.waitFor(() => expect(keeper.standing).toMatchObject({ kind: "interrupted", reason: "ended" }));
  expect(await keeper.resume()).toBe(false);
  answers = [minting()];
  expect(await keeper.resume()).toBe(true);
  expect(await waiting).toBe("token-2");
  expect(keeper.standing.kind).toBe("signed-in");
});

test("a call is refused when nobody signs in again", async () => {
  answers = [minting()];
  const keeper = aKeeper();
  await keeper.begin();
  now = 300_000;
  const waiting = keeper.token();
  await vi.waitFor(() => expect(keeper.standing.kind).toBe("interrupted"));
  keeper.abandon();
  await expect(waiting).rejects.toThrow(SessionEnded);
  expect(keeper.standing).toEqual({ kind: "signed-out", reason: "ended" });
});

test("a recent sign-in is needed: the old one does not do", async () => {
  answers = [minting(), minting(), minting({ ...ADA, session: { auth_time: "2026-01-01T01:00:00Z" } })];
  const keeper = aKeeper();
  await keeper.begin();
  const waiting = keeper.afterNewSignIn();
  expect(await keeper.token()).toBe("token-1");
  expect(await keeper.resume()).toBe(false);
  expect(keeper.standing).toMatchObject({ kind: "interrupted", reason: "recent-sign-in-needed" });
  expect(await keeper.resume()).toBe(true);
  expect(await waiting).toBe("token-3");
});

test("another person's sign-in starts the console anew and sends nothing of the first one's", async () => {
  answers = [minting(), refusing, minting({ ...ADA, user: { id: "eve" } })];
  const keeper = aKeeper();
  await keeper.begin();
  now = 300_000;
  const waiting = keeper.token();
  waiting.catch(() => undefined);
  await vi.waitFor(() => expect(keeper.standing.kind).toBe("interrupted"));
  await keeper.resume();
  await expect(waiting).rejects.toThrow(SessionEnded);
  expect(restarted).toBe(1);
});

test("a call of one person is never sent with the token of another", async () => {
  answers = [minting(), minting({ ...ADA, user: { id: "eve" } }), minting({ ...ADA, user: { id: "eve" } })];
  const keeper = aKeeper();
  await keeper.begin();
  await expect(keeper.tokenInsteadOf("token-1")).rejects.toThrow(SessionEnded);
  // The page goes away in its own time: until then nothing is sent, and nothing of anybody is shown.
  await expect(keeper.token()).rejects.toThrow(SessionEnded);
  expect(keeper.standing).toEqual({ kind: "unknown" });
  expect(restarted).toBeGreaterThan(0);
});

test("after a sign-out, another person's sign-in starts the console anew", async () => {
  answers = [minting(), minting({ ...ADA, user: { id: "hank" }, organization: { id: "globex" } })];
  const keeper = aKeeper();
  await keeper.begin();
  keeper.forget();
  expect(await keeper.resume()).toBe(false);
  expect(restarted).toBe(1);
});

test("a token that arrives after a sign-out is nobody's", async () => {
  answers = [minting()];
  const keeper = aKeeper();
  await keeper.begin();
  now = 300_000;
  let arrive: (response: Response) => void = () => undefined;
  late = new Promise((resolve) => (arrive = resolve));
  const asked = keeper.token();
  keeper.forget();
  const again = keeper.resume();
  arrive(minting()());
  await expect(asked).rejects.toThrow(SessionEnded);
  expect(await again).toBe(false);
  expect(keeper.standing).toEqual({ kind: "signed-out", reason: "signed-out" });
});

test("who was refused finds out what they may do now, once in a while", async () => {
  answers = [minting(), minting({ ...ADA, permissions: [] })];
  const keeper = aKeeper();
  await keeper.begin();
  await keeper.reconsider();
  expect(minted).toBe(1);
  now = 15_000;
  await keeper.reconsider();
  expect(keeper.standing).toMatchObject({ kind: "signed-in", session: { permissions: [] } });
});
