/** A secret: its last four characters, where it comes from, and room for another one. It never leaves the gateway. */
import { Button } from "@radix-ui/themes";

import { Confirm } from "../../ui/Confirm";
import { Field } from "../../ui/Field";
import { notify } from "../../ui/notify";
import { inForce, masked, type SecretKind, type Settings } from "./settings";
import { SourceBadge } from "./SourceBadge";
import { change, useWriting } from "./writing";

interface SecretFieldProps {
  label: string;
  kind: SecretKind;
  settings: Settings;
  value: string;
  fault: string | null;
  onChange: (value: string) => void;
}

export function SecretField({ label, kind, settings, value, fault, onChange }: SecretFieldProps) {
  const secrets = inForce(settings, kind);
  const isOwn = secrets.some(({ source }) => source === "platform") || settings.unreadable.includes(kind);
  return (
    <Field
      label={label}
      name={kind}
      type="password"
      autoComplete="off"
      spellCheck={false}
      placeholder={secrets[0] && masked(secrets[0].lastFour)}
      value={value}
      fault={settings.unreadable.includes(kind) ? "The stored one cannot be opened, so it does not count. Set it again." : fault}
      hint={
        <span className="source">
          {secrets.length === 0 && <SourceBadge of={null} />}
          {secrets.map(({ lastFour, source }, index) => (
            <span key={`${lastFour}${index}`} className="source">
              <code>…{lastFour}</code> <SourceBadge of={source} />
            </span>
          ))}
          {secrets.length > 0 && "Leave it empty to keep it."}
          {isOwn && <GiveBack kind={kind} label={label} version={settings.version} />}
        </span>
      }
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

const CONSEQUENCES: Readonly<Record<SecretKind, string>> = {
  api_key: "The key that is saved here is dropped, and with it the client ID that it was verified with. The environment’s count again, if it has any.",
  webhook_secret: "The secrets that are saved here are dropped. WORKOS_WEBHOOK_SECRET counts again, if it is set; else every delivery is refused.",
};

function GiveBack({ kind, label, version }: { kind: SecretKind; label: string; version: number }) {
  const giving = useWriting(() => change(version, kind === "api_key" ? { api_key: null } : { webhook_secrets: null }));
  return (
    <Confirm
      trigger={
        <Button type="button" size="1" variant="ghost" color="gray">
          Back to the environment’s
        </Button>
      }
      title={`Back to the environment’s ${label}?`}
      text={CONSEQUENCES[kind]}
      action="Drop what is saved here"
      onConfirm={async () => {
        await giving.mutateAsync();
        notify("The environment’s counts again within five seconds.");
      }}
    />
  );
}
