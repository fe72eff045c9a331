/** Add Directory: choose the provider, read the steps, open WorkOS's Admin Portal. */
import { Button, Card, Flex, RadioCards, Text } from "@radix-ui/themes";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { choose, chosenOrganization } from "../ui/chosen";
import { backTo } from "../ui/comingBack";
import { Detail } from "../ui/Detail";
import { PageHeader } from "../ui/PageHeader";
import { PortalLink } from "../ui/PortalLink";
import { ProblemNote } from "../ui/states";
import { OrganizationChoice, useOrganizationOptions } from "../ui/organizations";

type Provider = Schemas["Provider"];
type ProviderId = Schemas["AddDirectory"]["provider"];

export function Page() {
  const providers = useQuery({ queryKey: ["providers"], queryFn: () => answer(api.GET("/api/providers")) });
  return (
    <>
      <PageHeader title="Add Directory" above={{ to: "/directories", title: "Directory Sync" }}>
        The SCIM endpoint and its bearer token are shown by WorkOS in the Admin Portal, never here.
      </PageHeader>
      <Detail query={providers}>{({ data }) => <Steps providers={data.filter(({ kind }) => kind === "directory")} />}</Detail>
    </>
  );
}

function Steps({ providers }: { providers: Provider[] }) {
  const { isPlatform, organizationId } = useMe();
  const [params] = useSearchParams();
  const options = useOrganizationOptions();
  const [chosen, setChosen] = useState<string | null>(null);
  const [picked, setPicked] = useState(params.get("organization") ?? chosenOrganization());
  const organization = isPlatform ? (picked ?? options[0]?.value ?? null) : organizationId;
  // Only operators see the list of one organization: for everybody else it is a filter that no page shows.
  const list = backTo("/directories", isPlatform ? organization : null);
  const asking = useMutation({
    mutationFn: (provider: string) =>
      answer(
        api.POST("/api/directories", {
          body: {
            organization: organization ?? "",
            provider: provider as ProviderId,
            return_url: `${window.location.origin}/console${list}`,
          },
        }),
      ),
  });
  const restart = (change: () => void) => {
    asking.reset();
    change();
  };
  const pick = (id: string) =>
    restart(() => {
      choose(id);
      setPicked(id);
    });
  return (
    <Flex direction="column" gap="5" className="narrow">
      {isPlatform && <OrganizationChoice value={organization} onPick={pick} />}
      <div>
        <Text as="p" id="provider" size="2" weight="medium" mb="2">
          Directory provider
        </Text>
        <RadioCards.Root
          aria-labelledby="provider"
          columns={{ initial: "1", sm: "3" }}
          value={chosen ?? ""}
          onValueChange={(value) => restart(() => setChosen(value))}
        >
          {providers.map((provider) => (
            <RadioCards.Item key={provider.id} value={provider.id}>
              {provider.name}
            </RadioCards.Item>
          ))}
        </RadioCards.Root>
      </div>
      {asking.data && <SetUp setUp={asking.data} list={list} />}
      {/* It stays: a link opens once, and not after five minutes. */}
      {chosen && (
        <Button
          size={asking.data ? "2" : "3"}
          variant={asking.data ? "soft" : "solid"}
          disabled={!organization}
          loading={asking.isPending}
          onClick={() => asking.mutate(chosen)}
        >
          {asking.data ? "Get another link" : "Show the steps and get the link"}
        </Button>
      )}
      <ProblemNote error={asking.error} />
    </Flex>
  );
}

function SetUp({ setUp, list }: { setUp: Schemas["DirectorySetUp"]; list: string }) {
  return (
    <Card size="3">
      <Text as="p" weight="medium">
        Connect {setUp.provider.name}
      </Text>
      <ol className="steps">
        {setUp.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <PortalLink link={setUp.link} expiresAt={setUp.expires_at} />
      <Text as="p" size="2" mt="4">
        <Link to={list}>Back to the directories</Link>, where it is listed once it is connected.
      </Text>
    </Card>
  );
}
