/** What components ask about the session. */
import { createContext, useContext, useSyncExternalStore } from "react";

import { keeper, type Session, type Standing } from "./keeper";

const PLATFORM_ADMIN = "ROLE_PLATFORM_ADMIN";

export const SessionContext = createContext<Session | null>(null);

/** Returns how this browser stands to the gateway, and follows it. */
export function useStanding(): Standing {
  return useSyncExternalStore(keeper.subscribe, () => keeper.standing);
}

export interface Me {
  session: Session;
  isPlatform: boolean;
  organizationId: string | null;
  can: (permission: string) => boolean;
}

/** Returns the person who is signed in and what they may do. */
export function useMe(): Me {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session above this component");
  return {
    session,
    isPlatform: session.roles.includes(PLATFORM_ADMIN),
    organizationId: session.organization?.id ?? null,
    can: (permission) => session.permissions.includes(permission),
  };
}
