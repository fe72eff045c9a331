/** Every page, in one visible list: where it is, what it is called, who may see it. A page is one file and one line here. */
import {
  AvatarIcon,
  BackpackIcon,
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
  page("account", "session:own", () => import("./pages/Account"), at("You", "My account", AvatarIcon)),
];

/** Returns the pages that this person may see. */
export function pagesFor(can: (permission: string) => boolean): readonly Page[] {
  return PAGES.filter((one) => can(one.permission));
}
