/** A connection that WorkOS has told of meanwhile: what was set up in the Admin Portal, in another tab. */
import { Button, Flex, Text } from "@radix-ui/themes";
import { Link } from "react-router";

import { Name } from "../../ui/Name";
import { Section } from "../../ui/Section";
import { State } from "../../ui/State";
import type { Seen } from "./news";

export function Arrived({ connections }: { connections: readonly Seen[] }) {
  if (connections.length === 0) return null;
  return (
    <Section title="WorkOS has it" text="It was set up or changed since you came to this page.">
      {connections.map(({ id, name, state }) => (
        <Flex key={id} direction="column" gap="3" align="start" role="status">
          <Text as="div" size="2" weight="medium">
            <Name>{name}</Name> <State word={state} />
          </Text>
          <Button asChild>
            <Link to={`/connections/${id}`}>Test the connection</Link>
          </Button>
        </Flex>
      ))}
    </Section>
  );
}
