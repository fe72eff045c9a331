/** Directory providers by name. */
const NAMES: Readonly<Record<string, string>> = {
  okta: "Okta",
  azure: "Entra ID (Azure AD)",
  google: "Google Workspace",
  onelogin: "OneLogin",
  jumpcloud: "JumpCloud",
  generic: "SCIM 2.0",
};

/** Returns a provider's name. */
export function providerName(provider: string): string {
  return NAMES[provider] ?? provider;
}
