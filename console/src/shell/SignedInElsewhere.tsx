/** Where a sign-in ends that another tab waits for. */
import { Heading, Link, Text } from "@radix-ui/themes";
import { useEffect } from "react";

import { tell } from "../session/keeper";

export function SignedInElsewhere() {
  useEffect(() => {
    tell("signed-in");
    window.close();
  }, []);
  return (
    <main className="state state-page">
      <Heading as="h1" size="4">
        You are signed in
      </Heading>
      <Text color="gray">Go back to the tab that you came from and close this one.</Text>
      <Link href="/console/">Or open the console here</Link>
    </main>
  );
}
