/** Problems: what the API says went wrong (RFC 9457), and what happens when nothing answers at all. */
import type { components } from "./schema.gen";

type Document = components["schemas"]["ProblemDocument"];

export interface FieldError {
  field: string;
  message: string;
}

/** An answer that is no success, in words; `members` are those that one problem has and others have not. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly remedy: string;
  readonly requestId: string | null;
  readonly retryAfterS: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(document: Partial<Document>, status: number, requestId: string | null, retryAfterS = 0) {
    super(document.detail ?? document.title ?? "Something went wrong on our side.");
    this.status = status;
    this.code = document.code ?? "internal_error";
    this.title = document.title ?? "Something went wrong on our side.";
    this.remedy = document.remedy ?? "Try again. If it goes on, tell support the request id.";
    this.requestId = document.request_id ?? requestId;
    this.retryAfterS = retryAfterS;
    this.members = document;
  }

  /** The faults of single fields, where the problem names them. */
  get fields(): FieldError[] {
    const errors = this.members.errors;
    return Array.isArray(errors) ? (errors as FieldError[]) : [];
  }
}

/** Nothing answered: the network or the gateway is away. */
export class Unreachable extends Error {}

/** Nothing answered to a write, which may have been done all the same. */
export class AnswerLost extends Unreachable {}

/** The session has ended and nobody signed in again. */
export class SessionEnded extends Error {}

/** Returns the problem that a failed response tells, whatever its body is. */
export function problemOf(body: unknown, response: Response): Problem {
  const document = typeof body === "object" && body !== null ? (body as Partial<Document>) : {};
  // A date, which a proxy may send and the gateway does not, counts as none.
  const retryAfterS = Number(response.headers.get("retry-after")) || 0;
  return new Problem(document, response.status, response.headers.get("x-request-id"), retryAfterS);
}

/** Whether somebody else saved the same thing since it was read. */
export function isConflict(error: unknown): boolean {
  return error instanceof Problem && error.status === 412;
}
