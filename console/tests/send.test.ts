import { expect, test, vi } from "vitest";

import { AnswerLost, Unreachable } from "../src/api/problem";
import { send } from "../src/api/send";

const asking = (path: string, method: string) => new Request(`http://gateway.example${path}`, { method });
const making = asking("/api/organizations", "POST");
const QUESTIONS = [asking("/api/organizations", "GET"), asking("/api/settings/workos/verify", "POST")];

function behindProxy(status: number, type: string): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status, headers: { "content-type": type } })));
}

test("a write that nobody answered may have been done; a question is simply asked again", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  await expect(send(making)).rejects.toBeInstanceOf(AnswerLost);
  for (const question of QUESTIONS) {
    const error: unknown = await send(question).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(AnswerLost);
  }
});

test("a proxy that waited no longer knows no better", async () => {
  behindProxy(504, "text/html");
  await expect(send(making)).rejects.toBeInstanceOf(AnswerLost);
  for (const question of QUESTIONS) expect((await send(question)).status).toBe(504);
});

test("what the gateway says itself is its answer", async () => {
  behindProxy(502, "application/problem+json");
  expect((await send(making)).status).toBe(502);
});
