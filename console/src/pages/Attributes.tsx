/** Attributes: which attributes of identity provider and directory feed which fields of a person. */
import { Button, Callout, Flex } from "@radix-ui/themes";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";

import { answer, api, type Schemas } from "../api/client";
import { AreaField } from "../ui/AreaField";
import { Detail } from "../ui/Detail";
import { useOrganizationPick } from "../ui/OrganizationPick";
import { Outdated } from "../ui/Outdated";
import { PageHeader } from "../ui/PageHeader";
import { ProblemNote } from "../ui/states";
import { notify } from "../ui/notify";
import { useDraft, useSave, type Drafted } from "../ui/useDraft";

type Mapped = Schemas["AttributeMappingsShape"];
type FieldName = keyof Mapped["mappings"];
type Typed = Partial<Record<FieldName, string>>;

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
  return <Detail query={mappings}>{(found) => <Editor mapped={found} />}</Detail>;
}

/** Returns the attributes that a text names, one in each line. */
export function attributesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter(Boolean);
}

/** Returns a field as text, one attribute in each line. */
function textOf({ mappings }: Mapped, name: FieldName): string {
  return mappings[name].join("\n");
}

/** What was typed into the fields, over the attributes that count. */
function useMapping(mapped: Mapped) {
  const isChange = (typed: Typed) => FIELDS.some(([name]) => (typed[name] ?? textOf(mapped, name)) !== textOf(mapped, name));
  const draft = useDraft<Typed>(mapped.version, isChange);
  const valueOf = (name: FieldName) => draft.typed?.[name] ?? textOf(mapped, name);
  return { draft, valueOf };
}

function useSaving(organization: string, draft: Drafted<Typed>) {
  const save = useSave(["attributes", organization], async (mappings: Schemas["MappingFields"]) => {
    const next = await answer(
      api.PUT("/api/organizations/{organization_id}/attribute-mappings", {
        params: { path: { organization_id: organization }, header: { "if-match": `"${draft.begunAt}"` } },
        body: { mappings },
      }),
    );
    // Spaces and empty lines are not saved; what was typed would stay another text than what is in force.
    draft.edit(Object.fromEntries(FIELDS.map(([name]) => [name, textOf(next, name)])));
    return next;
  });
  return useMutation({
    mutationFn: save,
    onSuccess: () => notify("The attributes are saved. They count from the next sign-in and sync."),
  });
}

function Editor({ mapped }: { mapped: Mapped }) {
  const { organization_id: organization, required, source, version } = mapped;
  const { draft, valueOf } = useMapping(mapped);
  const saving = useSaving(organization, draft);
  const begin = (turn: () => void) => () => {
    saving.reset();
    turn();
  };
  const save = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    saving.mutate(Object.fromEntries(FIELDS.map(([name]) => [name, attributesOf(valueOf(name))])));
  };
  return (
    <form className="form narrow" onSubmit={save}>
      {source === "default" && (
        <Callout.Root highContrast color="gray" size="1">
          <Callout.Text>These are MemberPulse’s defaults; saving makes them yours.</Callout.Text>
        </Callout.Root>
      )}
      {FIELDS.map(([name, title]) => (
        <AreaField
          key={name}
          label={required.includes(name) ? `${title} (needed to sign in)` : title}
          value={valueOf(name)}
          rows={Math.max(2, mapped.mappings[name].length)}
          required={required.includes(name)}
          onChange={(event) => draft.edit({ ...draft.typed, [name]: event.target.value })}
        />
      ))}
      {draft.isOutdated ? (
        <Outdated what="attributes" version={version} onGoOn={begin(draft.goOn)} onTheirs={begin(draft.discard)} />
      ) : (
        <ProblemNote error={saving.error} />
      )}
      <Flex gap="3">
        <Button loading={saving.isPending} disabled={draft.isOutdated}>
          Save attributes
        </Button>
      </Flex>
    </form>
  );
}
