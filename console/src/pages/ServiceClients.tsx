/** Service clients: backend services that may ask whether a token is good; a secret is shown once. */
import { Badge, Button, Flex } from "@radix-ui/themes";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Schemas } from "../api/client";
import { Confirm } from "../ui/Confirm";
import { CopyText } from "../ui/CopyText";
import { Listing, type Column } from "../ui/Listing";
import { Name } from "../ui/Name";
import { PageHeader } from "../ui/PageHeader";
import { Empty } from "../ui/states";
import { Time } from "../ui/Time";
import { notify } from "../ui/notify";
import { useList } from "../ui/useList";
import { queryOf, useListParams } from "../ui/useListParams";
import { NewClient } from "./clients/NewClient";
import { SecretOnce } from "./clients/SecretOnce";

type Client = Schemas["ServiceClientShape"];
type WithSecret = Schemas["ServiceClientWithSecret"];

export function Page() {
  const params = useListParams([]);
  const queries = useQueryClient();
  const [shown, setShown] = useState<WithSecret | null>(null);
  const query = useList(["service-clients", params.cursor], () =>
    answer(api.GET("/api/service-clients", { params: { query: queryOf(params) } })),
  );
  const show = async (made: WithSecret) => {
    setShown(made);
    await queries.invalidateQueries({ queryKey: ["service-clients"] });
  };
  const columns: Column<Client>[] = [
    { title: "Name", cell: (row) => <Name>{row.name}</Name> },
    { title: "Id", cell: (row) => <CopyText text={row.id} /> },
    {
      title: "May",
      cell: (row) => (
        <Flex gap="1" wrap="wrap">
          {row.scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </Flex>
      ),
    },
    { title: "Secrets", cell: (row) => <Secrets client={row} /> },
    { title: "Last used", cell: (row) => <Time at={row.last_used_at} /> },
    { title: "Actions", cell: (row) => <Actions client={row} onSecret={show} /> },
  ];
  return (
    <>
      <PageHeader title="Service clients" actions={<NewClient onMade={show} />}>
        Backend services that may ask the gateway whether a token is good, with HTTP Basic.
      </PageHeader>
      {shown && <SecretOnce client={shown} onDone={() => setShown(null)} />}
      <Listing
        label="Service clients"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        onTurn={params.turn}
        empty={<Empty title="There is no service client yet.">Add one for each service that validates tokens online.</Empty>}
      />
    </>
  );
}

function Secrets({ client }: { client: Client }) {
  return client.secrets.map((secret) => (
    <div key={secret.id}>
      <code>…{secret.last_four}</code>{" "}
      {secret.expires_at && (
        <span className="muted">
          ends <Time at={secret.expires_at} />
        </span>
      )}
    </div>
  ));
}

function Actions({ client, onSecret }: { client: Client; onSecret: (made: WithSecret) => Promise<void> }) {
  const queries = useQueryClient();
  const path = { client_id: client.id };
  const rotate = async () => {
    await onSecret(await answer(api.POST("/api/service-clients/{client_id}/rotate", { params: { path } })));
  };
  const revoke = async () => {
    await answer(api.DELETE("/api/service-clients/{client_id}", { params: { path } }));
    await queries.invalidateQueries({ queryKey: ["service-clients"] });
    notify("The client is revoked.");
  };
  return (
    <Flex gap="2" wrap="wrap">
      <Confirm
        trigger={
          <Button size="1" variant="soft">
            Rotate
          </Button>
        }
        title={`A new secret for ${client.name}?`}
        text="The secret of now is good for one day more, so that the service can be changed in that time."
        action="Make a new secret"
        danger={false}
        onConfirm={rotate}
      />
      <Confirm
        trigger={
          <Button size="1" variant="soft" color="red">
            Revoke
          </Button>
        }
        title={`Revoke ${client.name}?`}
        text="The service is refused at once, and its credentials never work again."
        action="Revoke"
        onConfirm={revoke}
      />
    </Flex>
  );
}
