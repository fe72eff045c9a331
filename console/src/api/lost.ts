/** Writes whose answer got lost: whether they were done, nobody here knows. */
import type { Middleware } from "openapi-fetch";

import { AnswerLost, Unreachable } from "./problem";

/** What is asked by POST and changes nothing. */
const QUESTION = /\/(preview|verify)$/;
/** What a proxy says instead of the gateway, which may go on with what it was asked. */
const OF_PROXY: ReadonlySet<number> = new Set([502, 504]);

function isWrite({ method, url }: Request): boolean {
  return method !== "GET" && !QUESTION.test(new URL(url).pathname);
}

function isOfProxy({ status, headers }: Response): boolean {
  return OF_PROXY.has(status) && !headers.get("content-type")?.startsWith("application/problem+json");
}

/** Tells a write whose answer got lost from a reading, which may simply be tried again. */
export const losses = {
  onError: ({ request, error }) =>
    error instanceof Unreachable && isWrite(request) ? new AnswerLost("The gateway did not answer.") : undefined,
  onResponse: ({ request, response }) => {
    if (isOfProxy(response) && isWrite(request)) throw new AnswerLost("The gateway did not answer.");
  },
} satisfies Middleware;
