/** Audit log: who did what, when and from where. */
import { answer, api } from "../api/client";
import { useMe } from "../session/useSession";
import { ChoiceFilter, Filters, TextFilter } from "../ui/Filters";
import { Pages } from "../ui/Listing";
import { OrganizationFilter } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { Empty } from "../ui/states";
import { useList } from "../ui/useList";
import { queryOf, useListParams } from "../ui/useListParams";
import { actionsFor } from "./audit/actions";
import { Activity } from "./audit/Activity";
import { DayFilter } from "./audit/DayFilter";
import { Export } from "./audit/Export";
import { Timeline } from "./audit/Timeline";
import { useVerification, Verification, Verify } from "./audit/Verification";

export function Page() {
  const { can, isPlatform } = useMe();
  const params = useListParams(["organization", "action", "actor", "target", "since", "until"] as const);
  const { filters, cursor } = params;
  const query = useList(["audit", filters, cursor], () =>
    answer(api.GET("/api/audit/events", { params: { query: queryOf(params) } })),
  );
  const verification = { verifying: useVerification(), organization: filters.organization };
  const actions = (
    <>
      <Verify {...verification} />
      {can("audit:export") && <Export filters={filters} />}
    </>
  );
  return (
    <>
      <PageHeader title="Audit log" actions={actions}>
        Every privileged act and sign-in. Nothing here is ever changed.
      </PageHeader>
      <Verification {...verification} />
      <Activity filters={filters} />
      <Filters params={params}>
        <OrganizationFilter params={params} />
        <ChoiceFilter params={params} name="action" label="Action" options={actionsFor(isPlatform)} />
        <TextFilter params={params} name="actor" label="Who (id)" />
        <TextFilter params={params} name="target" label="On what (id)" />
        <DayFilter params={params} name="since" label="From" />
        <DayFilter params={params} name="until" label="Before" />
      </Filters>
      <Pages
        query={query}
        onTurn={params.turn}
        empty={<Empty title="Nothing was recorded.">{params.isFiltered && "Clear the filters to see everything."}</Empty>}
      >
        {(events) => <Timeline events={events} />}
      </Pages>
    </>
  );
}
