/** The test of a connection: the real sign-in in another tab, and its steps here. The address says which test is shown. */
import { ExternalLinkIcon } from "@radix-ui/react-icons";
import { Button, Callout, Flex, Link as Anchor } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { isOpenable } from "../../ui/PortalLink";
import { Section } from "../../ui/Section";
import { Empty, ProblemNote } from "../../ui/states";
import { TestResult } from "./TestResult";

type Connection = Schemas["ConnectionShape"];

export function TestConnection({ connection }: { connection: Connection }) {
  const [params, setParams] = useSearchParams();
  const starting = useMutation({
    mutationFn: async () => {
      const started = await answer(
        api.POST("/api/auth/sso/connections/{connection_id}/test", {
          params: { path: { connection_id: connection.id } },
          body: { return_to: window.location.pathname },
        }),
      );
      if (!isOpenable(started.authorization_url)) throw new Error("The address of the test is none that may be opened.");
      return started;
    },
    onSuccess: (started) => {
      setParams({ test: started.test_id }, { replace: true });
      // Nothing says whether the browser let it open: the link below is there for when it did not.
      window.open(started.authorization_url, "_blank", "noopener,noreferrer");
    },
  });
  const shown = params.get("test") ?? connection.last_test?.id;
  const isOwn = starting.data && shown === starting.data.test_id;
  return (
    <Section
      title="Test"
      text="The real sign-in, up to its last step. It makes no session and no person, and you stay signed in."
      actions={
        connection.state !== "deleted" && (
          <Button loading={starting.isPending} onClick={() => starting.mutate()}>
            {shown ? "Test again" : "Test connection"}
          </Button>
        )
      }
    >
      <Flex direction="column" gap="4">
        <ProblemNote error={starting.error} />
        {shown ? (
          <TestResult
            key={shown}
            id={shown}
            waiting={
              isOwn && (
                <Callout.Root highContrast size="1" role="status">
                  <Callout.Text>
                    Sign in in the tab that was opened. No tab?{" "}
                    <Anchor href={starting.data.authorization_url} target="_blank" rel="noreferrer" underline="always">
                      Open the test sign-in <ExternalLinkIcon aria-label="in a new tab" />
                    </Anchor>
                  </Callout.Text>
                </Callout.Root>
              )
            }
          />
        ) : (
          <Empty small title="It has never been tested." />
        )}
      </Flex>
    </Section>
  );
}
