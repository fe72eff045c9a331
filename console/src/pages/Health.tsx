/** Health: everything that must work, whether it does, since when, why, and what to do about it. */
import { Callout, Heading } from "@radix-ui/themes";

import type { Schemas } from "../api/client";
import { Detail } from "../ui/Detail";
import { Filters } from "../ui/Filters";
import { OrganizationFilter } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { Time } from "../ui/Time";
import { timeOfDay } from "../ui/time";
import { useListParams } from "../ui/useListParams";
import { useAttended } from "../session/useAttended";
import { useMe } from "../session/useSession";
import { Glance, GLANCED } from "./health/Glance";
import { IndicatorRow } from "./health/IndicatorRow";
import { verdict, worstFirst } from "./health/indicators";
import { shownAs } from "./health/StatusWord";
import { useStatus } from "./health/useStatus";

const IN_TABLES: readonly string[] = GLANCED.map(({ indicator }) => indicator);

export function Page() {
  const { isPlatform } = useMe();
  const params = useListParams(["organization"] as const);
  const status = useStatus(params.filters.organization);
  return (
    <>
      <PageHeader title="Health">Whether sign-in, webhooks and directory sync work, and what to do where they do not.</PageHeader>
      {isPlatform && (
        <Filters params={params}>
          <OrganizationFilter params={params} />
        </Filters>
      )}
      <Detail query={status}>{(found) => <Found status={found} />}</Detail>
    </>
  );
}

function Found({ status: { status, checked_at: checked, indicators } }: { status: Schemas["IntegrationStatus"] }) {
  const { color, Sign } = shownAs(status);
  const isAttended = useAttended();
  return (
    <>
      <Callout.Root highContrast color={color} mb="4">
        <Callout.Icon>
          <Sign />
        </Callout.Icon>
        <Callout.Text>
          <strong role="status">{verdict(indicators)}</strong>{" "}
          {isAttended ? (
            <>
              Looked at <Time at={checked} />.
            </>
          ) : (
            `Not looked at again since ${timeOfDay(checked)}: touch the page to go on.`
          )}
        </Callout.Text>
      </Callout.Root>
      <Heading as="h2" size="3" className="unseen">
        Indicators
      </Heading>
      <ul className="indicators section" aria-label="Indicators">
        {worstFirst(indicators).map((one) => (
          <IndicatorRow key={one.name} indicator={one} withoutObjects={IN_TABLES.includes(one.name)} />
        ))}
      </ul>
      <Glance indicators={indicators} />
    </>
  );
}
