/** Sending: of a write whose answer got lost, nobody here knows whether it was done. */
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

function lost(): AnswerLost {
  return new AnswerLost("The gateway did not answer.");
}

/** Sends a request; throws AnswerLost where a write may have been done unheard, Unreachable where nothing else answered. */
export async function send(request: Request): Promise<Response> {
  const mayBeDone = isWrite(request);
  const response = await fetch(request).catch(() => {
    if (mayBeDone) throw lost();
    throw new Unreachable("The gateway does not answer.");
  });
  if (mayBeDone && isOfProxy(response)) throw lost();
  return response;
}
