/** One indicator: how it stands, since when, why, and what to do about it. */
import { Heading, Text } from "@radix-ui/themes";
import { Link } from "react-router";

import { useMe } from "../../session/useSession";
import { Evidence } from "../../ui/Evidence";
import { Name } from "../../ui/Name";
import { Owner } from "../../ui/organizations";
import { Time } from "../../ui/Time";
import { Looked, Subject } from "./AlertNote";
import { ALERTS, asWords, known, withoutName, type Indicator } from "./indicators";
import { StatusWord } from "./StatusWord";

interface IndicatorRowProps {
  indicator: Indicator;
  /** Its objects stand elsewhere on the page. */
  withoutObjects?: boolean;
}

export function IndicatorRow({ indicator, withoutObjects = false }: IndicatorRowProps) {
  const { name, status, since, evidence, remedy, objects } = indicator;
  const { title } = known(name);
  return (
    <li className={`indicator indicator-${status}`} aria-label={title}>
      <div className="indicator-head">
        <Heading as="h3" size="2">
          {title}
        </Heading>
        <span className="indicator-since">
          <StatusWord status={status} />{" "}
          <Text size="1" color="gray">
            since <Time at={since} />
          </Text>
        </span>
      </div>
      <Text as="p" size="2">
        <Evidence text={evidence} />
      </Text>
      {remedy && <Remedy name={name} remedy={remedy} />}
      {!withoutObjects && objects.length > 0 && <Objects indicator={indicator} />}
    </li>
  );
}

/** What to do, and the way to where it is done. */
export function Remedy({ name, remedy }: { name: string; remedy: string }) {
  const { can } = useMe();
  const { at } = known(name);
  return (
    <div className="remedy">
      <Text as="p" size="2">
        <strong>What to do:</strong> <Evidence text={remedy} />
      </Text>
      {at && can(at.permission) && (
        <Text as="p" size="2">
          <Link to={at.path}>Open {at.title}</Link>
        </Text>
      )}
    </div>
  );
}

function Objects({ indicator }: { indicator: Indicator }) {
  const { name, status, objects } = indicator;
  return (
    <details open={status === "failing" || status === "warning"}>
      <summary>
        <Text size="2">{objects.length === 1 ? "What it is about" : `The ${objects.length} that it is about`}</Text>
      </summary>
      <ul className="plain">
        {objects.map((one) => (
          <One key={one.id} object={one} of={name} isSaid={one.remedy === indicator.remedy} />
        ))}
      </ul>
    </details>
  );
}

/** A directory, a connection, an alert; its remedy is left out where the indicator's `isSaid` to be the same. */
function One({ object, of, isSaid }: { object: Indicator["objects"][number]; of: string; isSaid: boolean }) {
  const { isPlatform } = useMe();
  const { id, name, status, since, evidence, remedy, organization_id: owner } = object;
  const { objects: kind } = known(of);
  return (
    <li>
      <span className="indicator-since">
        <StatusWord status={status} />
        {kind ? (
          <Link to={`/${kind}/${id}`}>
            <Name>{name}</Name>
          </Link>
        ) : (
          <strong>{asWords(name)}</strong>
        )}
        {isPlatform && <Owner id={owner} />}
        {since && (
          <Text size="1" color="gray">
            since <Time at={since} />
          </Text>
        )}
      </span>{" "}
      <Evidence text={withoutName(evidence, name)} /> {object.subject && <Subject alert={object} />}{" "}
      {remedy && !isSaid && <Evidence text={remedy} />}
      {of === ALERTS && <Looked alert={object} />}
    </li>
  );
}
