/** Attributes: which attributes of identity provider and directory feed which fields of a person. */
import { Button, Callout, Flex } from "@radix-ui/themes";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";

import { answer, api, type Schemas } from "../api/client";
import { Detail } from "../ui/Detail";
import { LinesField } from "../ui/LinesField";
import { formText } from "../ui/forms";
import { useOrganizationPick } from "../ui/OrganizationPick";
import { PageHeader } from "../ui/PageHeader";
import { ProblemNote } from "../ui/states";
import { notify } from "../ui/notify";
import { written } from "../ui/written";

type Mapped = Schemas["AttributeMappingsShape"];
type FieldName = keyof Mapped["mappings"];

const FIELDS: readonly [FieldName, string][] = [
  ["email", "E-mail"],
  ["first_name", "First name"],
  ["last_name", "Last name"],
  ["roles", "Roles (a sign-in’s groups)"],
  ["department", "Department"],
  ["job_title", "Job title"],
];

export function Page() {
  const { organization, pick } = useOrganizationPick();
  return (
    <>
      <PageHeader title="Attributes">
        What your identity provider sends, and what it becomes here. One attribute in each line; the first with a value wins.
      </PageHeader>
      {pick}
      {organization && <Mapping key={organization} organization={organization} />}
    </>
  );
}

function Mapping({ organization }: { organization: string }) {
  const mappings = useQuery({
    queryKey: ["attributes", organization],
    queryFn: () =>
      answer(
        api.GET("/api/organizations/{organization_id}/attribute-mappings", {
          params: { path: { organization_id: organization } },
        }),
      ),
    refetchOnWindowFocus: false,
  });
  return <Detail query={mappings}>{(found) => <Editor key={found.version} mapped={found} />}</Detail>;
}

/** Returns the attributes that a text names, one in each line. */
export function attributesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter(Boolean);
}

function Editor({ mapped }: { mapped: Mapped }) {
  const { organization_id: organization, required } = mapped;
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: (mappings: Schemas["MappingFields"]) =>
      answer(
        api.PUT("/api/organizations/{organization_id}/attribute-mappings", {
          params: { path: { organization_id: organization }, header: { "if-match": `"${mapped.version}"` } },
          body: { mappings },
        }),
      ),
    onSuccess: async (next) => {
      await written(queries, ["attributes", organization], next);
      notify("The attributes are saved. They count from the next sign-in and sync.");
    },
  });
  const save = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    saving.mutate(Object.fromEntries(FIELDS.map(([name]) => [name, attributesOf(formText(form, name))])));
  };
  return (
    <form className="form narrow" onSubmit={save}>
      {mapped.source === "default" && (
        <Callout.Root highContrast color="gray" size="1">
          <Callout.Text>These are MemberPulse’s defaults; saving makes them yours.</Callout.Text>
        </Callout.Root>
      )}
      {FIELDS.map(([name, title]) => (
        <LinesField
          key={name}
          name={name}
          label={required.includes(name) ? `${title} (needed to sign in)` : title}
          lines={mapped.mappings[name]}
          required={required.includes(name)}
        />
      ))}
      <ProblemNote error={saving.error} />
      <Flex gap="3">
        <Button loading={saving.isPending}>Save attributes</Button>
      </Flex>
    </form>
  );
}
