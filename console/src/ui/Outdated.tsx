/** Somebody else saved what is being edited: said before anything is saved over it. */
import { Button, Callout, Flex } from "@radix-ui/themes";

interface OutdatedProps {
  what: string;
  version: number;
  /** What stands on the page now, where it is not theirs with the own changes over it. */
  children?: string;
  onGoOn: () => void;
  onTheirs: () => void;
}

const MERGED = "What is in force stands above, with what you typed over it.";

export function Outdated({ what, version, children = MERGED, onGoOn, onTheirs }: OutdatedProps) {
  return (
    <Callout.Root highContrast color="amber" size="1" role="alert">
      <Callout.Text>
        <strong>Somebody else saved the {what} meanwhile.</strong> Version {version} is in force now. {children} Nothing of yours is
        saved yet. Look at it before you go on.
      </Callout.Text>
      <Flex gap="3" wrap="wrap">
        <Button type="button" size="1" variant="soft" onClick={onGoOn}>
          Go on with my changes
        </Button>
        <Button type="button" size="1" variant="soft" color="gray" onClick={onTheirs}>
          Load theirs instead of mine
        </Button>
      </Flex>
    </Callout.Root>
  );
}
