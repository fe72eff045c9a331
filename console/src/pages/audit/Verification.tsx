/** Whether the record is what was written: the question, and its answer in words. */
import { CheckCircledIcon, CrossCircledIcon, InfoCircledIcon } from "@radix-ui/react-icons";
import { Button, Callout } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { CopyText } from "../../ui/CopyText";
import { Facts } from "../../ui/Facts";
import { Owner } from "../../ui/organizations";
import { ProblemNote } from "../../ui/states";
import { Time } from "../../ui/Time";

type Verdict = Schemas["AuditVerification"];

/** Returns the question about an organization's record; of none: about every record that the person may read. */
export function useVerification() {
  return useMutation({
    mutationFn: (organization: string | undefined) =>
      answer(api.GET("/api/audit/verify", { params: { query: { organization } } })),
  });
}

interface VerificationProps {
  verifying: ReturnType<typeof useVerification>;
  organization: string | undefined;
}

export function Verify({ verifying, organization }: VerificationProps) {
  return (
    <Button variant="soft" loading={verifying.isPending} onClick={() => verifying.mutate(organization)}>
      <CheckCircledIcon /> Verify
    </Button>
  );
}

export function Verification({ verifying: { data, error, variables }, organization }: VerificationProps) {
  // What was said of one record says nothing about the one that is filtered for now.
  if (variables !== organization) return null;
  return (
    <section aria-label="Verification" className={data ?? error ? "section" : undefined}>
      <ProblemNote error={error} />
      {data && <Said verdict={data} />}
    </section>
  );
}

/** Returns how many acts were looked at, in words. */
export function looked({ checked, unsealed }: Pick<Verdict, "checked" | "unsealed">): string {
  const acts = (number: number) => `${number.toLocaleString("en")} ${number === 1 ? "act" : "acts"}`;
  const waiting = unsealed > 0 ? ` ${acts(unsealed)} of just now ${unsealed === 1 ? "is" : "are"} yet to be sealed.` : "";
  return `${acts(checked)} checked against the chain of seals.${waiting}`;
}

function Said({ verdict }: { verdict: Verdict }) {
  const { broken, checked, sealed_through: through } = verdict;
  const [color, Sign] = SIGNS[broken ? "broken" : checked > 0 ? "intact" : "empty"];
  return (
    <>
      <Callout.Root highContrast color={color} size="1" role={broken ? "alert" : "status"}>
        <Callout.Icon>
          <Sign />
        </Callout.Icon>
        <Callout.Text>
          {broken ? (
            <>
              <strong>The record is not what was written.</strong> {broken.explanation} <strong>What to do:</strong> {broken.remedy}
            </>
          ) : checked > 0 ? (
            <>
              <strong>The record is intact.</strong> Nothing was changed, taken away or put in. The newest sealed act happened{" "}
              <Time at={through} />.
            </>
          ) : (
            <>
              <strong>Nothing is sealed yet.</strong> A worker seals what is new within seconds; verify again then.
            </>
          )}{" "}
          {looked(verdict)}
        </Callout.Text>
      </Callout.Root>
      {broken && <Where broken={broken} />}
    </>
  );
}

const SIGNS = {
  broken: ["red", CrossCircledIcon],
  intact: ["green", CheckCircledIcon],
  empty: ["gray", InfoCircledIcon],
} as const;

function Where({ broken: { event_id: event, position, organization_id: owner } }: { broken: NonNullable<Verdict["broken"]> }) {
  return (
    <div className="more">
      <Facts
        facts={[
          ["First event that does not fit", event && <CopyText key="event" text={event} />],
          ["Its place in the chain", position],
          ["Whose record", <Owner key="owner" id={owner} />],
        ]}
      />
    </div>
  );
}
