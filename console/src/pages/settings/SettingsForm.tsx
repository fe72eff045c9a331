/** The settings as a form: what is in force stands in it or, of secrets, beside it; WorkOS is asked before anything is saved. */
import { Button, Callout, Flex } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";

import { isConflict, Problem } from "../../api/problem";
import { Field } from "../../ui/Field";
import { notify } from "../../ui/notify";
import { Outdated } from "../../ui/Outdated";
import { ProblemNote } from "../../ui/states";
import { useDraft } from "../../ui/useDraft";
import { Checks } from "./Checks";
import { DefaultConnection } from "./DefaultConnection";
import { SecretField } from "./SecretField";
import { changeOf, faultOf, isEmpty, lacksApiKey, type Settings, type Typed } from "./settings";
import { SourceBadge } from "./SourceBadge";
import { change as send, useWriting, verify } from "./writing";

export function SettingsForm({ settings }: { settings: Settings }) {
  const draft = useDraft<Typed>(settings.version, (typed) => !isEmpty(changeOf(settings, typed)));
  const typed = draft.typed ?? {};
  const change = changeOf(settings, typed);
  const isUnchanged = isEmpty(change);
  const asking = useMutation({ mutationFn: () => verify(isUnchanged ? undefined : change) });
  const saving = useWriting(async () => {
    const saved = await send(draft.begunAt, change);
    // Before the new version is shown: what was typed into a secret would still count as a change, begun before it.
    draft.discard();
    return saved;
  });
  const type = (name: keyof Typed, value: string) => {
    // Or the verdict on one key would stand under another.
    asking.reset();
    draft.edit({ ...typed, [name]: value });
  };
  const begin = () => {
    asking.reset();
    saving.reset();
    draft.discard();
  };
  const save = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    asking.reset();
    saving.mutate(undefined, {
      onSuccess: () => notify("The settings are saved. They count everywhere within five seconds."),
    });
  };
  const error = saving.error ?? asking.error;
  const errors = error instanceof Problem ? error.fields : [];
  const text = (name: "client_id" | "redirect_uri") => ({
    name,
    value: typed[name] ?? settings[name] ?? "",
    fault: faultOf(errors, name),
    hint: <SourceBadge of={settings.sources[name]} />,
    spellCheck: false,
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => type(name, event.target.value),
  });
  const secret = (name: "api_key" | "webhook_secret") => ({
    kind: name,
    settings,
    value: typed[name] ?? "",
    fault: faultOf(errors, name),
    onChange: (value: string) => type(name, value),
  });
  return (
    <form className="form" onSubmit={save}>
      <SecretField label="API key" {...secret("api_key")} />
      <Field label="Client ID" {...text("client_id")} />
      <Field label="Redirect URI" {...text("redirect_uri")} />
      <SecretField label="Webhook secret" {...secret("webhook_secret")} />
      <DefaultConnection
        value={typed.default_connection ?? settings.default_connection ?? ""}
        onChange={(id) => type("default_connection", id)}
      />
      {lacksApiKey(change) && (
        <Callout.Root highContrast color="amber" size="1" role="status">
          <Callout.Text>
            Another client ID or redirect URI needs the API key typed in above, too: the stored one is never sent somewhere new.
          </Callout.Text>
        </Callout.Root>
      )}
      {draft.isOutdated && <Outdated what="settings" version={settings.version} onGoOn={draft.goOn} onTheirs={begin} />}
      {!isConflict(error) && <ProblemNote error={error} />}
      {asking.data && (
        <Checks title={isUnchanged ? "What WorkOS says to what is in force" : "What WorkOS says to these changes"} checks={asking.data.checks} />
      )}
      {saving.data && isUnchanged && <Checks title="What WorkOS said to what was saved" checks={saving.data.checks} />}
      <Flex gap="3" wrap="wrap" align="center">
        <Button type="button" variant="soft" loading={asking.isPending} onClick={() => asking.mutate()}>
          {isUnchanged ? "Verify what is in force" : "Verify"}
        </Button>
        <Button loading={saving.isPending} disabled={isUnchanged || draft.isOutdated}>
          Save settings
        </Button>
        {!isUnchanged && (
          <Button type="button" variant="ghost" color="gray" onClick={begin}>
            Discard changes
          </Button>
        )}
      </Flex>
    </form>
  );
}
