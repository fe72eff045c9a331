/** What was looked at, one after another: how it went, what was seen, what to do. */
import { CheckCircledIcon, ClockIcon, CrossCircledIcon, ExclamationTriangleIcon, MinusCircledIcon } from "@radix-ui/react-icons";
import { Text } from "@radix-ui/themes";
import type { ComponentType, ReactNode } from "react";

import { Evidence } from "./Evidence";

type Result = "ok" | "warning" | "failed" | "unknown" | "skipped" | "waiting";

export interface Looked {
  name: string;
  result: Result;
  evidence: string;
  remedy: string | null;
}

interface ChecklistProps {
  label: string;
  looked: readonly Looked[];
  titles: Readonly<Record<string, string>>;
  /** A place of the console where it is mended. */
  fix?: (one: Looked) => ReactNode;
}

const MARKS: Readonly<Record<Result, [ComponentType, string]>> = {
  ok: [CheckCircledIcon, "fine"],
  warning: [ExclamationTriangleIcon, "to be looked at"],
  failed: [CrossCircledIcon, "failed"],
  unknown: [MinusCircledIcon, "not known"],
  skipped: [MinusCircledIcon, "not done"],
  waiting: [ClockIcon, "not yet"],
};

export function Checklist({ label, looked, titles, fix }: ChecklistProps) {
  return (
    <ol className="checklist" aria-label={label}>
      {looked.map((one) => {
        const [Mark, word] = MARKS[one.result];
        return (
          <li key={one.name} className={`looked looked-${one.result}`}>
            <Mark />
            <div>
              <Text as="p" size="2" weight="medium">
                {titles[one.name] ?? one.name} <span className="looked-word">{word}</span>
              </Text>
              {one.result !== "waiting" && (
                <Text as="p" size="2" color="gray">
                  <Evidence text={one.evidence} />
                </Text>
              )}
              {one.remedy && one.result !== "ok" && (
                <Text as="p" size="2">
                  <Evidence text={one.remedy} />
                </Text>
              )}
              {fix?.(one)}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
