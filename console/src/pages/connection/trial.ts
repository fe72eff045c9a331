/** A connection test in words and rows; pure. */
import type { Schemas } from "../../api/client";

type Test = Schemas["ConnectionTestShape"];

export const STEPS: Readonly<Record<Test["steps"][number]["name"], string>> = {
  redirect: "Sent to WorkOS",
  callback: "Came back",
  code: "The code was redeemed",
  profile: "The right provider answered",
  attributes: "What is needed came along",
  access: "May come in",
  roles: "Role",
  session: "Session",
};

const FIELDS: Readonly<Record<string, string>> = {
  email: "E-mail",
  first_name: "First name",
  last_name: "Last name",
  department: "Department",
  job_title: "Job title",
};

export interface MappedRow {
  field: string;
  title: string;
  value: string | null;
  attribute: string | null;
  isRequired: boolean;
}

export interface AttributeRow {
  name: string;
  value: string;
}

/** Returns whether something of a test is still to come. */
export function isMoving(test: Pick<Test, "status"> | undefined): boolean {
  return test?.status === "waiting" || test?.status === "running";
}

/** Returns each field with its value; at the end the groups, which give the role where no directory decides. */
export function mappedRows({ mapping, groups }: Pick<Test, "mapping" | "groups">): MappedRow[] {
  const fields = Object.entries(mapping).map(([field, { value, attribute, required }]) => ({
    field,
    title: FIELDS[field] ?? field,
    value,
    attribute,
    isRequired: required,
  }));
  return [...fields, { field: "groups", title: "Groups", value: groups.join(", ") || null, attribute: null, isRequired: false }];
}

/** Returns the attributes as text, however deep their values are. */
export function attributeRows({ attributes }: Pick<Test, "attributes">): AttributeRow[] {
  return Object.entries(attributes).map(([name, value]) => ({ name, value: textOf(value) }));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  return JSON.stringify(value);
}
