/** The question before a page is left on which something is typed and not saved. */
import { AlertDialog, Button, Flex } from "@radix-ui/themes";
import { useBlocker, type Location } from "react-router";

import { hasUnsaved } from "./useUnsaved";

/** Whether a step leads away from the form: to another page, part of a page, or organization. */
function leads(from: Location, to: Location): boolean {
  return from.pathname !== to.pathname || from.search !== to.search;
}

export function LeaveQuestion() {
  const blocker = useBlocker(({ currentLocation: from, nextLocation: to }) => hasUnsaved() && leads(from, to));
  return (
    <AlertDialog.Root open={blocker.state === "blocked"} onOpenChange={(open) => open || blocker.reset?.()}>
      <AlertDialog.Content maxWidth="480px">
        <AlertDialog.Title>Leave without saving?</AlertDialog.Title>
        <AlertDialog.Description size="2">What you changed on this page is not saved and will be lost.</AlertDialog.Description>
        <Flex gap="3" mt="4" justify="end" wrap="wrap">
          <AlertDialog.Cancel>
            <Button variant="soft" color="gray">
              Stay
            </Button>
          </AlertDialog.Cancel>
          <Button color="red" onClick={() => blocker.proceed?.()}>
            Leave without saving
          </Button>
        </Flex>
      </AlertDialog.Content>
    </AlertDialog.Root>
  );
}
