/** A link into WorkOS's Admin Portal: asked for, opened once, gone in five minutes. */
import { ExternalLinkIcon } from "@radix-ui/react-icons";
import { Button, Callout, Flex, Text } from "@radix-ui/themes";

import { useNow } from "./Time";

export function PortalLink({ link, expiresAt }: { link: string; expiresAt: string }) {
  const left = Math.floor((Date.parse(expiresAt) - useNow()) / 60_000);
  if (left < 0)
    return (
      <Callout.Root highContrast color="amber" size="1">
        <Callout.Text>This link is no longer good. Ask for another one.</Callout.Text>
      </Callout.Root>
    );
  return (
    <Flex direction="column" gap="2" align="start">
      <Button asChild size="3">
        <a href={link} target="_blank" rel="noreferrer">
          Open the Admin Portal <ExternalLinkIcon />
        </a>
      </Button>
      <Text size="1" color="gray">
        It opens once, {left > 0 ? `within the next ${left + 1} minutes` : "within this minute"}, in this browser. It is shown
        here this one time.
      </Text>
    </Flex>
  );
}

/** Returns whether an address is one that may be opened: a link of the API is https, or http on this machine. */
export function isOpenable(link: string): boolean {
  const { protocol, hostname } = new URL(link);
  return protocol === "https:" || (protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname));
}
