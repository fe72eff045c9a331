import { expect, test } from "vitest";

import { known, verdict, withoutName, worstFirst } from "../src/pages/health/indicators";

test("the worst come first, and those that are equally bad stay in their order", () => {
  const found = worstFirst([
    { name: "a", status: "ok" as const },
    { name: "b", status: "failing" as const },
    { name: "c", status: "unknown" as const },
    { name: "d", status: "warning" as const },
    { name: "e", status: "failing" as const },
  ]);
  expect(found.map(({ name }) => name).join("")).toBe("bedca");
});

test("the whole is said in a sentence", () => {
  expect(verdict([{ status: "ok" }, { status: "unknown" }])).toBe("All is well, as far as is known.");
  expect(verdict([{ status: "failing" }, { status: "warning" }, { status: "warning" }])).toBe(
    "1 thing fails, 2 need attention.",
  );
  expect(verdict([{ status: "unknown" }])).toBe("Nothing is known yet.");
});

test("an indicator that nobody knows here goes by its name", () => {
  expect(known("unusual_sign_ins")).toEqual({ title: "Unusual sign ins" });
});

test("a name is not said twice", () => {
  expect(withoutName("Okta: it is inactive.", "Okta")).toBe("It is inactive.");
  expect(withoutName("it is inactive.", "Okta")).toBe("It is inactive.");
});
