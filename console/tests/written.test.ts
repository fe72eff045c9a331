import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";

import { written } from "../src/ui/written";

test("what was written stays, although an answer from before it comes later", async () => {
  const queries = new QueryClient();
  queries.setQueryData(["policy"], { version: 1 });
  let answer: (read: { version: number }) => void = () => undefined;
  const reading = queries
    .query({ queryKey: ["policy"], queryFn: () => new Promise<{ version: number }>((resolve) => (answer = resolve)) })
    .catch(() => null);
  await written(queries, ["policy"], { version: 2 });
  answer({ version: 1 });
  await reading;
  await new Promise((resolve) => setTimeout(resolve));
  expect(queries.getQueryData(["policy"])).toEqual({ version: 2 });
});

test("what else is being read goes on", async () => {
  const queries = new QueryClient();
  const reading = queries.query({ queryKey: ["policy", "people"], queryFn: () => Promise.resolve("read") });
  await written(queries, ["policy"], { version: 2 });
  expect(await reading).toBe("read");
});
