import { expect, test } from "vitest";

import { browserName } from "../src/ui/browserName";
import { fullName, roleName } from "../src/ui/names";

test("a person without a name has none", () => {
  expect(fullName({ first_name: null, last_name: null })).toBeNull();
  expect(fullName({ first_name: "Ada", last_name: null })).toBe("Ada");
});

test("an unknown role is shown as it is", () => {
  expect(roleName("ROLE_CLIENT_ADMIN")).toBe("Client admin");
  expect(roleName("ROLE_NEW")).toBe("ROLE_NEW");
});

test("a browser is recognised, and a stranger's text is cut", () => {
  const edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0";
  expect(browserName(edge)).toBe("Edge on Windows");
  expect(browserName("x".repeat(500))).toHaveLength(60);
  expect(browserName(null)).toBe("Unknown program");
});
