/** A labelled text of several lines, one thing in each. */
import { AreaField } from "./AreaField";

interface LinesFieldProps {
  label: string;
  name: string;
  lines: readonly string[];
  required?: boolean;
}

export function LinesField({ lines, ...area }: LinesFieldProps) {
  return <AreaField defaultValue={lines.join("\n")} rows={Math.max(2, lines.length)} {...area} />;
}
