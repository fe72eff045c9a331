/** Replacing a secret without a failed sign-in or a lost event: the steps in their order, and what counts meanwhile. */
import { CheckIcon } from "@radix-ui/react-icons";
import { Button, Flex, Heading, Text } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { CopyText } from "../../ui/CopyText";
import { Section } from "../../ui/Section";
import { ProblemNote } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Checks } from "./Checks";
import { Decide } from "./Decide";
import { Stage } from "./Stage";
import { inForce, SECRETS, type Check, type SecretKind, type Settings } from "./settings";
import { SourceBadge } from "./SourceBadge";
import { verify } from "./writing";

interface RotationProps {
  kind: SecretKind;
  settings: Settings;
}

export function Rotation({ kind, settings }: RotationProps) {
  const { state, changed_at: changedAt } = settings.rotation[kind];
  const isStaged = state === "staged";
  const isOver = state === "promoted";
  const words = WORDS[kind];
  return (
    <Section title={`Rotate the ${SECRETS[kind]}`} text={words.why}>
      <InForce kind={kind} settings={settings} />
      <ol className="rotation">
        <Step title="Stage the new one" at={isStaged ? "done" : isOver ? "next" : "now"}>
          <Text as="p" size="2">
            {words.make} {kind === "webhook_secret" && <CopyText text={`${settings.webhook_url}?2`} label="the second endpoint’s address" />}
          </Text>
          {!isStaged && <Stage kind={kind} settings={settings} />}
        </Step>
        <Step title="Overlap: both count" at={isStaged ? "now" : "later"}>
          <Text as="p" size="2">
            {words.overlap}
          </Text>
          {isStaged && <Probe name={words.check} />}
        </Step>
        <Step title="Promote it, or roll back" at={isStaged ? "next" : "later"}>
          <Text as="p" size="2">
            {words.promote}
          </Text>
          {isStaged && <Decide kind={kind} settings={settings} />}
        </Step>
        <Step title="Clean up" at={isOver ? "now" : "later"}>
          <Text as="p" size="2">
            {words.after}
          </Text>
        </Step>
      </ol>
      {(isOver || state === "rolled_back") && (
        <Text as="p" size="2" color="gray">
          The last rotation was {isOver ? "promoted" : "rolled back"} <Time at={changedAt} />.
        </Text>
      )}
    </Section>
  );
}

const WORDS: Readonly<Record<SecretKind, Record<"why" | "make" | "overlap" | "promote" | "after", string> & { check: Check["name"] }>> = {
  api_key: {
    why: "No sign-in fails meanwhile: as long as two are known, a call that WorkOS refuses with the old one is made with the new one.",
    make: "Create a second API key in the WorkOS Dashboard (API Keys) and paste it here. WorkOS is asked whether it takes it; the old one stays in force.",
    overlap: "Every process knows both within five seconds.",
    promote: "Promoted, the new one is the only one; WorkOS is asked once more before. Rolled back, the old one is.",
    after: "Delete the old key in the WorkOS Dashboard. If it stands in WORKOS_API_KEY, take it out there at the next restart.",
    check: "credentials",
  },
  webhook_secret: {
    why: "No event is lost meanwhile: deliveries may be signed with either, and an event that comes twice is applied once.",
    make: "Create a second endpoint in the WorkOS Dashboard (Webhooks) for the same events, and paste its secret here. WorkOS takes each address once, so it differs in its query:",
    overlap: "Deliveries that are signed with either are accepted. WorkOS must tell of two enabled endpoints; then delete the first one in the WorkOS Dashboard.",
    promote: "Promoted, the new one alone is accepted. It is refused while WorkOS signs with the old one and with no endpoint’s new one.",
    after: "If the old one stands in WORKOS_WEBHOOK_SECRET, take it out there at the next restart: it would count again if the one that is saved here were given up.",
    check: "webhook_endpoint",
  },
};

/** What counts at this moment. */
function InForce({ kind, settings }: RotationProps) {
  const secrets = inForce(settings, kind);
  return (
    <Text as="p" size="2" role="status">
      <span className="source">
        <strong>In force now:</strong>
        {secrets.length === 0 && "none; set one first."}
        {secrets.map(({ lastFour, source }, index) => (
          <span key={`${lastFour}${index}`} className="source">
            {index > 0 && "and"} <code>…{lastFour}</code> <SourceBadge of={source} />
          </span>
        ))}
        {secrets.length > 1 && "– both count."}
      </span>
    </Text>
  );
}

interface StepProps {
  title: string;
  /** `next` may be done already, although something else is to be done now. */
  at: "done" | "now" | "next" | "later";
  children: ReactNode;
}

function Step({ title, at, children }: StepProps) {
  return (
    <li className={`rotation-step rotation-${at}`} aria-current={at === "now" ? "step" : undefined}>
      <span className="rotation-mark" aria-hidden>
        {at === "done" && <CheckIcon />}
      </span>
      <div className="rotation-body">
        <Heading as="h3" size="2" color={at === "later" ? "gray" : undefined}>
          {title} {at === "done" && <span className="unseen">(done)</span>}
        </Heading>
        {children}
      </div>
    </li>
  );
}

/** Asks WorkOS what it makes of what is in force. */
function Probe({ name }: { name: Check["name"] }) {
  const asking = useMutation({ mutationFn: () => verify() });
  return (
    <Flex direction="column" gap="2" align="start">
      <Button size="1" variant="soft" loading={asking.isPending} onClick={() => asking.mutate()}>
        Ask WorkOS
      </Button>
      <ProblemNote error={asking.error} />
      {asking.data && <Checks title="WorkOS says" checks={asking.data.checks.filter((check) => check.name === name)} />}
    </Flex>
  );
}
