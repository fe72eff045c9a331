import createClient from "openapi-fetch";
import { expect, test } from "vitest";

import { losses } from "../src/api/lost";
import { AnswerLost, Unreachable } from "../src/api/problem";
import type { paths } from "../src/api/schema.gen";

function aClient(answer: () => Promise<Response>) {
  const client = createClient<paths>({ baseUrl: "http://gateway.example", fetch: answer });
  client.use(losses);
  return client;
}

const away = () => aClient(() => Promise.reject(new Unreachable()));
const behindProxy = (status: number, type: string) =>
  aClient(() => Promise.resolve(new Response("{}", { status, headers: { "content-type": type } })));
const making = { body: { name: "Umbrella" } };

test("a write that nobody answered may have been done", async () => {
  await expect(away().POST("/api/organizations", making)).rejects.toBeInstanceOf(AnswerLost);
});

test("a question that nobody answered is simply asked again, whatever its method", async () => {
  for (const asked of [away().GET("/api/organizations"), away().POST("/api/settings/workos/verify")])
    await expect(asked.catch((error: unknown) => error)).resolves.not.toBeInstanceOf(AnswerLost);
});

test("a proxy that waited no longer knows no better", async () => {
  await expect(behindProxy(504, "text/html").POST("/api/organizations", making)).rejects.toBeInstanceOf(AnswerLost);
  expect((await behindProxy(504, "text/html").GET("/api/organizations")).response.status).toBe(504);
});

test("what the gateway says itself is its answer", async () => {
  const answered = await behindProxy(502, "application/problem+json").POST("/api/organizations", making);
  expect(answered.response.status).toBe(502);
});
