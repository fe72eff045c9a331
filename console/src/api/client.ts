/** The REST API, typed by openapi.json; every call carries the access token and waits where a sign-in is needed first. */
import createClient from "openapi-fetch";

import { keeper } from "../session/keeper";
import { Problem, problemOf, SessionEnded } from "./problem";
import type { components, paths } from "./schema.gen";
import { send } from "./send";

export type Schemas = components["schemas"];

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.clone().json().catch(() => null);
  return typeof body === "object" && body !== null && "code" in body ? body.code : null;
}

/** Sends a request with the token; a refused one is sent once more, after a new token or a new sign-in. */
async function authorized(request: Request): Promise<Response> {
  const attempt = async (token: string) => {
    const copy = request.clone();
    copy.headers.set("authorization", `Bearer ${token}`);
    return send(copy);
  };
  const token = await keeper.token();
  const response = await attempt(token);
  if (response.status === 403 && (await codeOf(response)) === "not_permitted") void keeper.reconsider();
  if (response.status !== 401) return response;
  const isTooOld = (await codeOf(response)) === "reauthentication_required";
  return attempt(await (isTooOld ? keeper.afterNewSignIn() : keeper.tokenInsteadOf(token)));
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: authorized });

/** Returns what a call answered; throws a Problem, Unreachable or SessionEnded. */
export async function answer<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw problemOf(error, response);
  return data as T;
}

/** Whether asking again may help: not for what the API has judged. */
export function mayRetry(failures: number, error: Error): boolean {
  if (error instanceof SessionEnded || (error instanceof Problem && error.status < 500)) return false;
  return failures < 2;
}
