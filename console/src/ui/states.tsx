/** What a page shows when it has nothing to show yet, nothing at all, or no right to. */
import { ExclamationTriangleIcon, InfoCircledIcon, LockClosedIcon } from "@radix-ui/react-icons";
import { Button, Callout, Flex, Heading, Spinner, Text } from "@radix-ui/themes";
import type { ReactNode } from "react";

import { AnswerLost, isConflict, Problem, SessionEnded, Unreachable } from "../api/problem";
import { CopyText } from "./CopyText";

/** Something is on its way. */
export function Loading({ label = "Loading…", page = false }: { label?: string; page?: boolean }) {
  return (
    <div className={page ? "state state-page" : "state"} role="status">
      <Spinner size="3" />
      <Text color="gray">{label}</Text>
    </div>
  );
}

/** There is nothing; `children` says what to do about it. */
export function Empty({ title, children, small = false }: { title: string; children?: ReactNode; small?: boolean }) {
  if (small) return <p className="muted small">{title}</p>;
  return (
    <div className="state">
      <InfoCircledIcon width="24" height="24" aria-hidden />
      <Heading as="h2" size="3">
        {title}
      </Heading>
      {children && (
        <Text as="div" color="gray" align="center">
          {children}
        </Text>
      )}
    </div>
  );
}

/** The person's role does not open this page. */
export function Forbidden() {
  return (
    <div className="state" role="alert">
      <LockClosedIcon width="24" height="24" aria-hidden />
      <Heading as="h1" size="4">
        Your role does not allow this.
      </Heading>
      <Text color="gray" align="center">
        Ask an administrator of your organization for the role that may.
      </Text>
    </div>
  );
}

interface Told {
  title: string;
  detail?: string;
  remedy: string;
  requestId?: string | null;
}

/** Returns an error in words: what happened, what to do, and the number to tell support. */
export function inWords(error: Error): Told {
  if (isConflict(error))
    return { title: "Somebody else saved this meanwhile.", remedy: "Nothing of yours is saved. Look at what they saved first." };
  if (error instanceof Problem) {
    const detail = error.message === error.title ? undefined : error.message;
    return { title: error.title, detail, remedy: error.remedy, requestId: error.requestId };
  }
  // Before the next one, which it is, too: who is told to try again makes the same thing twice.
  if (error instanceof AnswerLost)
    return { title: "The gateway did not answer.", remedy: "It may have been done: look before you repeat it." };
  if (error instanceof Unreachable)
    return { title: "The gateway does not answer.", remedy: "Check your connection and try again in a moment." };
  if (error instanceof SessionEnded)
    return { title: "This was not done, because your session has ended.", remedy: "Sign in and do it again." };
  return { title: "This page failed.", detail: error.message, remedy: "Reload it. If it goes on, tell support what you did." };
}

/** An error beside the thing that failed. */
export function ProblemNote({ error }: { error: Error | null | undefined }) {
  if (!error) return null;
  const told = inWords(error);
  return (
    <Callout.Root highContrast color="red" role="alert" size="1">
      <Callout.Icon>
        <ExclamationTriangleIcon />
      </Callout.Icon>
      <Callout.Text>
        <strong>{told.title}</strong> {told.detail} {told.remedy}
        {told.requestId && (
          <Text size="1" className="request">
            Request <CopyText text={told.requestId} />
          </Text>
        )}
      </Callout.Text>
    </Callout.Root>
  );
}

/** An error in place of the page that could not be shown. */
export function ErrorState({ error, onRetry, page = false }: { error: Error; onRetry?: () => void; page?: boolean }) {
  const told = inWords(error);
  return (
    <div className={page ? "state state-page" : "state"} role="alert">
      <ExclamationTriangleIcon width="24" height="24" aria-hidden />
      <Heading as="h1" size="4" align="center">
        {told.title}
      </Heading>
      {told.detail && <Text align="center">{told.detail}</Text>}
      <Text color="gray" align="center">
        {told.remedy}
      </Text>
      <Flex gap="3" align="center" wrap="wrap" justify="center">
        {onRetry && (
          <Button variant="soft" onClick={onRetry}>
            Try again
          </Button>
        )}
        {told.requestId && (
          <Text size="1" color="gray">
            Request <CopyText text={told.requestId} />
          </Text>
        )}
      </Flex>
    </div>
  );
}
