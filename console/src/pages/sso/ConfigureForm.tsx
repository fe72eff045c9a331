/** The form: for which connection, by which protocol, in which way; faults stand beside their fields. */
import { Button, Callout, Flex, RadioCards, Text } from "@radix-ui/themes";
import type { UseMutationResult } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";

import type { Schemas } from "../../api/client";
import { Problem } from "../../api/problem";
import { Choice } from "../../ui/Choice";
import { Field } from "../../ui/Field";
import { ProblemNote } from "../../ui/states";
import { useUnsaved } from "../../ui/useUnsaved";
import { marksOf } from "./marks";
import { NEW, faultsOf, given, providersOf, shownOf, told, WAYS } from "./provider";
import type { Entered, Faults, Protocol, Values, Way } from "./provider";
import { ProviderField } from "./ProviderField";
import { SecondConnection } from "./SecondConnection";

type Sending = UseMutationResult<Schemas["SsoConfigurationShape"], Error, { body: Schemas["ConfigureSso"]; entered: Entered }>;

interface ConfigureFormProps {
  connections: Schemas["ConnectionShape"][];
  providers: Schemas["Provider"][];
  /** The connection that the address names. */
  asked: string | null;
  sending: Sending;
}

const SAML_WAYS: readonly Way[] = ["metadata_url", "metadata_xml", "values"];

export function ConfigureForm({ connections, providers, asked, sending }: ConfigureFormProps) {
  const [target, setTarget] = useState(connections.find(({ id }) => id === asked)?.id ?? NEW);
  const [chosen, setChosen] = useState<Protocol>("saml");
  const [samlWay, setSamlWay] = useState<Way>("metadata_url");
  const [provider, setProvider] = useState({ type: "", name: "" });
  const [values, setValues] = useState<Values>({});
  const [faults, setFaults] = useState<Faults>({});
  useUnsaved([...Object.values(values), provider.name].some((typed) => typed.trim() !== ""));
  const known = connections.find(({ id }) => id === target);
  const active = connections.find(({ state }) => state === "active");
  const protocol = known?.protocol ?? chosen;
  const way = protocol === "oidc" ? "client" : samlWay;
  const restart = (change: () => void) => {
    sending.reset();
    setFaults({});
    change();
  };
  const send = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const found = faultsOf(way, values);
    setFaults(found);
    if (Object.keys(found).length > 0) {
      focusFault(form);
      return;
    }
    const made = known ? {} : { type: provider.type || undefined, name: provider.name.trim() || undefined };
    const body = { ...given(way, values), ...made, connection: target };
    const refused = (error: Error) => {
      if (error instanceof Problem) setFaults(told(error.fields));
      focusFault(form);
    };
    sending.mutate({ body, entered: shownOf(way, values) }, { onError: refused });
  };
  return (
    <form className="form narrow" onSubmit={send} noValidate>
      <Choice
        label="Connection"
        hint={known ? "It keeps its protocol. A new certificate is added beside the one it has." : undefined}
        fault={faults.connection}
        value={target}
        options={[{ value: NEW, title: "A new one" }, ...connections.map(({ id, name }) => ({ value: id, title: name }))]}
        onChange={(event) => restart(() => setTarget(event.target.value))}
      />
      {!known && (
        <>
          {active && <SecondConnection first={active} />}
          <Cards
            label="Identity provider type"
            value={protocol}
            options={[
              { value: "saml", title: "SAML 2.0", hint: "Okta, Entra ID, Google Workspace and most others." },
              { value: "oidc", title: "OIDC", hint: "OpenID Connect, with a client of your own." },
            ]}
            onChange={(value) => restart(() => {
              setChosen(value as Protocol);
              setProvider({ ...provider, type: "" });
            })}
          />
          <NewConnection
            providers={providersOf(providers, protocol)}
            value={provider}
            faults={faults}
            onChange={(next) => {
              setProvider(next);
              setFaults(without(without(faults, "type", null), "name", null));
            }}
          />
        </>
      )}
      {protocol === "saml" && (
        <Cards
          label="What your provider shows"
          value={samlWay}
          options={SAML_WAYS.map((value) => ({ value, ...WAYS[value] }))}
          onChange={(value) => restart(() => setSamlWay(value as Way))}
        />
      )}
      {WAYS[way].fields.map((name) => (
        <ProviderField
          key={name}
          name={name}
          value={values[name] ?? ""}
          fault={faults[name] ?? null}
          onChange={(value) => {
            setValues({ ...values, [name]: value });
            setFaults(without(faults, name, null));
          }}
          onJudge={(fault) => setFaults(without(faults, name, fault))}
        />
      ))}
      <Refusal error={sending.error} fields={[...WAYS[way].fields, "connection", "type", "name"]} faults={faults} />
      <Flex gap="3">
        <Button size="3" loading={sending.isPending}>
          Check and continue
        </Button>
      </Flex>
    </form>
  );
}

/** Returns faults with another one for a field, or with none. */
function without(faults: Faults, name: string, fault: string | null): Faults {
  const others = Object.entries(faults).filter(([one]) => one !== name);
  return Object.fromEntries(fault ? [...others, [name, fault]] : others);
}

/** Leads whoever uses the keyboard to the first field that is wrong, once it is marked. */
function focusFault(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
}

/** A refusal in one line where every fault of it stands beside its field, until none does; as it is told otherwise. */
function Refusal({ error, fields, faults }: { error: Error | null; fields: readonly string[]; faults: Faults }) {
  const marks = marksOf(error instanceof Problem ? error.fields : [], fields, faults);
  if (marks === "unmarked") return <ProblemNote error={error} />;
  if (marks === "corrected") return null;
  return (
    <Callout.Root highContrast color="red" size="1" role="alert">
      <Callout.Text>Nothing was changed. Correct what is marked above and send it again.</Callout.Text>
    </Callout.Root>
  );
}

interface CardsProps {
  label: string;
  value: string;
  options: readonly { value: string; title: string; hint: string }[];
  onChange: (value: string) => void;
}

function Cards({ label, value, options, onChange }: CardsProps) {
  return (
    <div>
      <Text as="p" size="2" weight="medium" mb="2">
        {label}
      </Text>
      <RadioCards.Root aria-label={label} columns={{ initial: "1", sm: String(options.length) }} value={value} onValueChange={onChange}>
        {options.map((one) => (
          <RadioCards.Item key={one.value} value={one.value}>
            <span className="card-words">
              <Text as="span" weight="medium">
                {one.title}
              </Text>
              <Text as="span" size="1" color="gray">
                {one.hint}
              </Text>
            </span>
          </RadioCards.Item>
        ))}
      </RadioCards.Root>
    </div>
  );
}

interface NewConnectionProps {
  providers: Schemas["Provider"][];
  value: { type: string; name: string };
  faults: Faults;
  onChange: (next: { type: string; name: string }) => void;
}

function NewConnection({ providers, value, faults, onChange }: NewConnectionProps) {
  return (
    <>
      <Choice
        label="Identity provider"
        hint={providers.find(({ type }) => type === value.type)?.hint}
        fault={faults.type}
        value={value.type}
        options={[{ value: "", title: "Not in this list, or not known" }, ...providers.map(({ type, name }) => ({ value: type, title: name }))]}
        onChange={(event) => onChange({ ...value, type: event.target.value })}
      />
      <Field
        label="Name of the connection"
        hint="Leave it empty to use the organization’s name."
        fault={faults.name}
        maxLength={200}
        value={value.name}
        onChange={(event) => onChange({ ...value, name: event.target.value })}
      />
    </>
  );
}
