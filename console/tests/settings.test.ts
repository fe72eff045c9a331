import { expect, test } from "vitest";

import { changeOf, faultOf, inForce, lacksApiKey, masked, missingOf, type Settings } from "../src/pages/settings/settings";

const SETTINGS: Settings = {
  object: "workos_settings",
  version: 3,
  api_key: { set: true, last_four: "4f2a", set_at: null, source: "environment" },
  client_id: "client_01ACME",
  redirect_uri: "https://auth.example/auth/callback/workos",
  webhook_secrets: [{ last_four: "9c1d", set_at: null, source: "environment" }],
  default_connection: null,
  sources: { client_id: "environment", redirect_uri: "environment", default_connection: null },
  rotation: {
    api_key: { state: "none", changed_at: null, staged: null },
    webhook_secret: { state: "none", changed_at: null, staged: null },
  },
  webhook_url: "https://auth.example/webhooks/workos",
  unreadable: [],
  updated_at: null,
};

test("what was typed and is in force already is no change", () => {
  expect(changeOf(SETTINGS, {})).toEqual({});
  expect(changeOf(SETTINGS, { client_id: " client_01ACME ", api_key: "", webhook_secret: "  ", default_connection: "" })).toEqual({});
});

test("a secret that was typed is sent, and one of the list of webhook secrets", () => {
  expect(changeOf(SETTINGS, { api_key: " sk_new ", webhook_secret: "whsec_new" })).toEqual({
    api_key: "sk_new",
    webhook_secrets: ["whsec_new"],
  });
});

test("an emptied field goes back to the environment", () => {
  expect(changeOf(SETTINGS, { client_id: " ", redirect_uri: "" })).toEqual({ client_id: null, redirect_uri: null });
  expect(changeOf({ ...SETTINGS, default_connection: "c1" }, { default_connection: "" })).toEqual({ default_connection: null });
});

test("another target needs the API key", () => {
  expect(lacksApiKey({ client_id: "client_2" })).toBe(true);
  expect(lacksApiKey({ redirect_uri: null })).toBe(true);
  expect(lacksApiKey({ client_id: "client_2", api_key: "sk_new" })).toBe(false);
  expect(lacksApiKey({ default_connection: "c1" })).toBe(false);
});

test("a fault is told at its field", () => {
  const errors = [{ field: "webhook_secrets.0", message: "is masked" }];
  expect(faultOf(errors, "webhook_secret")).toBe("is masked");
  expect(faultOf(errors, "api_key")).toBeNull();
});

test("what counts: the first and, while it rotates, the second", () => {
  expect(inForce(SETTINGS, "api_key")).toEqual([{ lastFour: "4f2a", source: "environment" }]);
  const staged = { state: "staged" as const, changed_at: null, staged: { last_four: "77aa", set_at: "2026-11-28T12:00:00Z" } };
  expect(inForce({ ...SETTINGS, rotation: { ...SETTINGS.rotation, api_key: staged } }, "api_key")).toEqual([
    { lastFour: "4f2a", source: "environment" },
    { lastFour: "77aa", source: "platform" },
  ]);
  expect(inForce({ ...SETTINGS, webhook_secrets: [] }, "webhook_secret")).toEqual([]);
  expect(masked("4f2a")).toMatch(/^•+4f2a$/);
});

test("what is not set, or cannot be opened, is missing", () => {
  expect(missingOf(SETTINGS)).toEqual([]);
  expect(missingOf({ ...SETTINGS, client_id: null, webhook_secrets: [] })).toEqual(["client ID", "webhook secret"]);
  expect(missingOf({ ...SETTINGS, unreadable: ["api_key"] })).toEqual(["API key"]);
});
