/** Every page, in one visible list: where it is, what it is called, who may see it. A page is one file and one line here. */
import {
  ActivityLogIcon,
  AvatarIcon,
  BackpackIcon,
  CheckCircledIcon,
  CubeIcon,
  GearIcon,
  HeartIcon,
  IdCardIcon,
  LayersIcon,
  LightningBoltIcon,
  LockClosedIcon,
  MixIcon,
  PersonIcon,
  QuestionMarkCircledIcon,
} from "@radix-ui/react-icons";
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

/** Headings of the navigation, in the words of MemberPulse's own menus. */
export const PLACES = ["Admin Portal", "Platform Settings", "Client Portal", "Settings › Authentication", "You"] as const;
export type Place = (typeof PLACES)[number];

export interface Page {
  path: string;
  permission: string;
  view: LazyExoticComponent<ComponentType>;
  /** Absent for pages that are reached from another page. */
  entry?: { place: Place; title: string; icon: ComponentType; platformOnly?: boolean };
}

type Icon = ComponentType;
const page = (path: string, permission: string, load: () => Promise<{ Page: ComponentType }>, entry?: Page["entry"]): Page => ({
  path,
  permission,
  view: lazy(() => load().then((module) => ({ default: module.Page }))),
  entry,
});
const at = (place: Place, title: string, icon: Icon) => ({ place, title, icon });

export const PAGES: readonly Page[] = [
  page("organizations", "organizations:read", () => import("./pages/Organizations"), at("Admin Portal", "Organizations", BackpackIcon)),
  page("organizations/new", "organizations:manage", () => import("./pages/NewOrganization")),
  page("organizations/:id", "organizations:read", () => import("./pages/Organization")),
  page("webhooks", "webhooks:read", () => import("./pages/Webhooks"), at("Admin Portal", "Webhooks", LightningBoltIcon)),
  page("webhooks/:id", "webhooks:read", () => import("./pages/Webhook")),
  page("audit", "audit:read", () => import("./pages/Audit"), at("Admin Portal", "Audit log", ActivityLogIcon)),
  page("health", "status:read", () => import("./pages/Health"), at("Admin Portal", "Health", HeartIcon)),
  page("settings/workos", "settings:read", () => import("./pages/Settings"), at("Platform Settings", "Integrations › WorkOS", GearIcon)),
  page("service-clients", "clients:manage", () => import("./pages/ServiceClients"), at("Platform Settings", "Service clients", LockClosedIcon)),
  page("directories", "directories:read", () => import("./pages/Directories"), at("Platform Settings", "Directory Sync", CubeIcon)),
  page("directories/add", "portal:link", () => import("./pages/AddDirectory")),
  page("directories/:id", "directories:read", () => import("./pages/Directory")),
  page("directories/:id/syncs/:run", "directories:sync", () => import("./pages/SyncRun")),
  page("sso", "sso:configure", () => import("./pages/SingleSignOn"), at("Settings › Authentication", "Single sign-on", CheckCircledIcon)),
  page("sso/configure", "sso:configure", () => import("./pages/ConfigureSso")),
  page("connections", "connections:read", () => import("./pages/Connections"), at("Settings › Authentication", "SSO connections", IdCardIcon)),
  page("connections/:id", "connections:read", () => import("./pages/Connection")),
  page("attributes", "sso:configure", () => import("./pages/Attributes"), at("Settings › Authentication", "Attributes", MixIcon)),
  page("roles", "roles:map", () => import("./pages/Roles"), at("Settings › Authentication", "Roles", LayersIcon)),
  page("people", "users:read", () => import("./pages/People"), at("Client Portal", "People", PersonIcon)),
  page("people/:id", "users:read", () => import("./pages/Person")),
  page("diagnostics", "diagnostics:read", () => import("./pages/SignInDiagnostics"), at("Client Portal", "Sign-in diagnostics", QuestionMarkCircledIcon)),
  page("account", "session:own", () => import("./pages/Account"), at("You", "My account", AvatarIcon)),
];

/** Returns the pages that this person may see. */
export function pagesFor(can: (permission: string) => boolean): readonly Page[] {
  return PAGES.filter((one) => can(one.permission));
}
