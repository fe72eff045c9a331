/** Health beside what changes it: what does not work and what to do about it, in little room. */
import { Text } from "@radix-ui/themes";
import { Link } from "react-router";

import { Detail } from "../../ui/Detail";
import { Section } from "../../ui/Section";
import { IndicatorRow } from "./IndicatorRow";
import { verdict, worstFirst } from "./indicators";
import { useStatus } from "./useStatus";

export function HealthBeside() {
  const status = useStatus();
  return (
    <Section title="Health" actions={<Link to="/health">All of it</Link>}>
      <Detail query={status}>
        {({ indicators }) => {
          const troubled = worstFirst(indicators).filter((one) => one.status === "failing" || one.status === "warning");
          const working = indicators.filter((one) => one.status === "ok").length;
          return (
            <>
              <Text as="p" size="2" mb="2" role="status">
                {verdict(indicators)} {working} of {indicators.length} are OK.
              </Text>
              <ul className="indicators">
                {troubled.map((one) => (
                  <IndicatorRow key={one.name} indicator={one} withoutObjects />
                ))}
              </ul>
            </>
          );
        }}
      </Detail>
    </Section>
  );
}
