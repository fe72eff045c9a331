/** Sign in: an e-mail address leads to the identity provider of its organization. */
import { Button, Callout, Card, Heading, Text } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation, useNavigate } from "react-router";

import { discover, signInUrl } from "../session/signIn";
import { Field } from "../ui/Field";
import { formText } from "../ui/forms";
import { ProblemNote } from "../ui/states";
import { nameTab } from "../ui/tab";

const REASONS = {
  none: null,
  "signed-out": "You are signed out.",
  ended: "Your session has ended. Sign in to come back to this page.",
} as const;

export function SignIn({ reason }: { reason: keyof typeof REASONS }) {
  const { pathname, search } = useLocation();
  const place = reason === "signed-out" ? "/console/" : `/console${pathname}${search}`;
  useSignedOutPlace(reason);
  const finding = useMutation({
    mutationFn: discover,
    onSuccess: ({ start }, email) => {
      if (start) window.location.assign(signInUrl(start, place, email));
    },
  });
  return (
    <main className="sign-in">
      <Card size="4">
        <img src="/console/icon.svg" alt="" width="40" height="40" />
        <Heading as="h1" size="6" mt="3" mb="1">
          Sign in to MemberPulse
        </Heading>
        <Text as="p" color="gray" mb="4">
          {REASONS[reason] ?? "Your company's own sign-in opens next."}
        </Text>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            finding.mutate(formText(event.currentTarget, "email"));
          }}
        >
          <Field label="Work e-mail" name="email" type="email" required autoComplete="username" autoFocus />
          <Button size="3" loading={finding.isPending || Boolean(finding.data?.start)}>
            Sign in with SSO
          </Button>
        </form>
        <div aria-live="polite">
          {finding.data && !finding.data.start && (
            <Callout.Root highContrast color="amber" mt="4" size="1">
              <Callout.Text>
                Single sign-on does not work for this address. Check its spelling, or ask an administrator of your
                organization whether single sign-on is set up and its connection active.
              </Callout.Text>
            </Callout.Root>
          )}
          <ProblemNote error={finding.error} />
        </div>
      </Card>
    </main>
  );
}

/** Takes the name and the address of the page before away, where somebody signed out of it: they may name a person. */
function useSignedOutPlace(reason: keyof typeof REASONS): void {
  const navigate = useNavigate();
  useEffect(() => {
    nameTab("Sign in");
    if (reason === "signed-out") void navigate("/", { replace: true });
  }, [reason, navigate]);
}
