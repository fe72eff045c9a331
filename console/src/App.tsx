/** The application: its theme, its queries, and whether there is a session. */
import { Theme } from "@radix-ui/themes";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createBrowserRouter, RouterProvider, useRouteError } from "react-router";

import { mayRetry } from "./api/client";
import { SignIn } from "./pages/SignIn";
import { SessionContext, useStanding } from "./session/useSession";
import { InterruptedDialog } from "./shell/InterruptedDialog";
import { Shell } from "./shell/Shell";
import { SignedInElsewhere } from "./shell/SignedInElsewhere";
import { RETURNED } from "./session/signIn";
import { choose } from "./ui/chosen";
import { Notices } from "./ui/Notices";
import { ErrorState, Loading } from "./ui/states";
import { useAppearance } from "./ui/useAppearance";
import { keeper } from "./session/keeper";

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: mayRetry, staleTime: 15_000, refetchOnWindowFocus: true },
    // Without it a deed that was begun offline waits unseen, and is done later although the person has cancelled it.
    mutations: { networkMode: "always" },
  },
});

// What was read belongs to who has signed out: the next person at this browser may be of another tenant.
keeper.subscribe(() => {
  if (keeper.standing.kind !== "signed-out") return;
  queries.clear();
  choose(null);
});

// A router that holds steps back: with the plain one nothing could be asked before a form is left.
const router = createBrowserRouter([{ path: "*", Component: Start, ErrorBoundary: Crashed }], { basename: "/console" });

export function App() {
  const appearance = useAppearance();
  return (
    <Theme accentColor="indigo" grayColor="slate" radius="medium" appearance={appearance.shown}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Notices />
      </QueryClientProvider>
    </Theme>
  );
}

function Start() {
  return window.location.pathname === RETURNED ? <SignedInElsewhere /> : <Gate />;
}

/** What failed around the pages, which the router would tell in a developer's words. */
function Crashed() {
  const error = useRouteError();
  return <ErrorState error={error instanceof Error ? error : new Error(String(error))} onRetry={() => window.location.reload()} page />;
}

/** Shows the pages to who is signed in, and the way in to everybody else. */
function Gate() {
  const standing = useStanding();
  switch (standing.kind) {
    case "unknown":
      return <Loading label="Looking for your session…" page />;
    case "unreachable":
      return <ErrorState error={standing.error} onRetry={() => void keeper.begin()} page />;
    case "signed-out":
      return <SignIn reason={standing.reason} />;
    case "signed-in":
    case "interrupted":
      return (
        <SessionContext value={standing.session}>
          <Shell />
          {standing.kind === "interrupted" && <InterruptedDialog reason={standing.reason} session={standing.session} />}
        </SessionContext>
      );
  }
}
