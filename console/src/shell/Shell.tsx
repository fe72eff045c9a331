/** What surrounds every page: the name, the navigation, who is signed in, and what happens when a page fails. */
import { HamburgerMenuIcon } from "@radix-ui/react-icons";
import { IconButton } from "@radix-ui/themes";
import { Suspense, useRef, useState } from "react";
import { Link, Navigate, Route, Routes, useLocation } from "react-router";

import { PAGES, pagesFor, type Page } from "../pages";
import { useMe } from "../session/useSession";
import { LeaveQuestion } from "../ui/LeaveQuestion";
import { Forbidden, Loading } from "../ui/states";
import { Navigation } from "./Navigation";
import { NotFound } from "./NotFound";
import { OfflineNote } from "./OfflineNote";
import { PageBoundary } from "./PageBoundary";
import { useArrival } from "./useArrival";
import { useEscape } from "./useEscape";

export function Shell() {
  const { can } = useMe();
  const location = useLocation();
  const [isOpen, setIsOpen] = useState(false);
  const menuButton = useRef<HTMLButtonElement>(null);
  useArrival();
  useEscape(isOpen, () => {
    setIsOpen(false);
    menuButton.current?.focus();
  });
  const home = pagesFor(can).find((one) => one.entry) ?? PAGES[0];
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="topbar">
        <IconButton
          ref={menuButton}
          variant="ghost"
          color="gray"
          className="menu-button"
          aria-label={isOpen ? "Close the menu" : "Open the menu"}
          aria-expanded={isOpen}
          aria-controls="menu"
          onClick={() => setIsOpen(!isOpen)}
        >
          <HamburgerMenuIcon width="18" height="18" />
        </IconButton>
        <Link to="/" className="brand">
          <img src="/console/icon.svg" alt="" width="22" height="22" /> MemberPulse
        </Link>
      </header>
      <Navigation isOpen={isOpen} onLeave={() => setIsOpen(false)} />
      <main id="main" tabIndex={-1}>
        <OfflineNote />
        <PageBoundary key={location.pathname}>
          <Suspense fallback={<Loading />}>
            <Routes>
              <Route index element={<Navigate replace to={`/${home?.path ?? "account"}`} />} />
              {PAGES.map((one) => (
                <Route key={one.path} path={one.path} element={<Guarded page={one} />} />
              ))}
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </PageBoundary>
      </main>
      <LeaveQuestion />
    </div>
  );
}

function Guarded({ page }: { page: Page }) {
  const { can } = useMe();
  return can(page.permission) ? <page.view /> : <Forbidden />;
}
