/** Sign-in diagnostics: why can this person (not) sign in? The address of the page names them, so that it can be passed on. */
import { Button, Flex } from "@radix-ui/themes";
import { useState, type SyntheticEvent } from "react";

import { Field } from "../ui/Field";
import { OrganizationFilter } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { Empty } from "../ui/states";
import { useListParams } from "../ui/useListParams";
import { Diagnosis } from "./diagnosis/Diagnosis";
import { useDiagnosis } from "./diagnosis/useDiagnosis";

export function Page() {
  const params = useListParams(["email", "organization"] as const);
  const { email = "", organization } = params.filters;
  const [typed, setTyped] = useState<string | null>(null);
  const diagnosis = useDiagnosis({ email, organization });
  const ask = (event: SyntheticEvent) => {
    event.preventDefault();
    const wanted = (typed ?? email).trim();
    if (wanted === email) void diagnosis.refetch();
    params.set("email", wanted);
    setTyped(null);
  };
  return (
    <>
      <PageHeader title="Sign-in diagnostics">
        Why can, or can’t, somebody sign in? Their sign-in is rehearsed: nothing is changed, and nobody is signed in.
      </PageHeader>
      <form className="filters" onSubmit={ask}>
        <OrganizationFilter params={params} />
        <div className="field-wide">
          <Field
            label="Work e-mail"
            type="email"
            size="2"
            required
            maxLength={320}
            value={typed ?? email}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <Flex align="end">
          <Button loading={diagnosis.isFetching}>Find out</Button>
        </Flex>
      </form>
      {email ? (
        <Section title={email}>
          <Diagnosis query={diagnosis} />
        </Section>
      ) : (
        <Empty title="Who cannot sign in?">Enter their address. Everything that a sign-in goes through is checked, and you are told how to fix what fails.</Empty>
      )}
    </>
  );
}
