/** Asks for a sign-in over the page, which stays as it is: the sign-in happens in another tab. */
import { Button, Dialog, Flex, Link, Text } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "react-router";

import { keeper, type Session } from "../session/keeper";
import { discover, RETURNED, signInUrl } from "../session/signIn";
import { ProblemNote } from "../ui/states";

const WORDS = {
  ended: {
    title: "Your session has ended",
    text: "Sign in again to go on. Nothing that you typed on this page is lost.",
    leave: "Leave this page",
  },
  "recent-sign-in-needed": {
    title: "Please confirm that it is you",
    text: "This needs a sign-in of the last 15 minutes. Sign in again and it is done at once.",
    leave: "Not now",
  },
} as const;

export function InterruptedDialog({ reason, session }: { reason: keyof typeof WORDS; session: Session }) {
  const { title, text, leave } = WORDS[reason];
  const { pathname, search } = useLocation();
  const [isStill, setIsStill] = useState(false);
  const start = useStart(session);
  const goOn = async () => setIsStill(!(await keeper.resume()));
  return (
    <Dialog.Root open onOpenChange={(open) => open || keeper.abandon()}>
      <Dialog.Content maxWidth="440px" onInteractOutside={stay} onEscapeKeyDown={stay}>
        <Dialog.Title>{title}</Dialog.Title>
        <Dialog.Description size="2" mb="4">
          {text}
        </Dialog.Description>
        <Flex direction="column" gap="3">
          {start.data && (
            <Button asChild>
              <a href={signInUrl(start.data, RETURNED, session.user.email)} target="_blank" rel="opener">
                Sign in again in a new tab
              </a>
            </Button>
          )}
          <ProblemNote error={start.error} />
          <Button variant="soft" onClick={() => void goOn()}>
            I have signed in
          </Button>
          {isStill && (
            <Text size="2" role="alert">
              There is no new sign-in yet. Finish it in the other tab first.
            </Text>
          )}
          <Flex justify="between" gap="3" wrap="wrap">
            {start.data && (
              <Link size="2" href={signInUrl(start.data, `/console${pathname}${search}`, session.user.email)}>
                Sign in here and come back to this page
              </Link>
            )}
            <Dialog.Close>
              <Button variant="ghost" color="gray">
                {leave}
              </Button>
            </Dialog.Close>
          </Flex>
        </Flex>
      </Dialog.Content>
    </Dialog.Root>
  );
}

/** A click beside the dialog would throw away what it promises to keep: only its own button leaves. */
function stay(event: Event): void {
  event.preventDefault();
}

/** Returns where this person's sign-in starts: at the same connection, else as their address says. */
function useStart(session: Session) {
  const { connection_id: connection } = session.session;
  return useQuery({
    queryKey: ["sign-in-again", session.user.id],
    queryFn: async () => {
      if (connection) return `/auth/sso?connection=${connection}`;
      return session.user.email ? (await discover(session.user.email)).start : null;
    },
  });
}
