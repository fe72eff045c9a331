/** Says where one is: the tab has the title of the page's heading, and after a link the focus is there, which is read aloud. */
import { useEffect, useRef } from "react";
import { NavigationType, useLocation, useNavigationType } from "react-router";

import { nameTab } from "../ui/tab";

/** Whether nobody has moved on: the focus is where the arrival put it, or went with the page before. */
function isUnmoved(main: HTMLElement): boolean {
  return document.activeElement === main || document.activeElement === document.body;
}

/** Looks at `main` now and whenever it changes; returns how to stop. A page may come later than its address. */
function watched(main: HTMLElement, look: (heading: HTMLElement | null) => void): () => void {
  const now = () => look(main.querySelector("h1"));
  const observer = new MutationObserver(now);
  observer.observe(main, { childList: true, subtree: true, characterData: true });
  now();
  return () => observer.disconnect();
}

export function useArrival(): void {
  const { pathname } = useLocation();
  // Back leads to where one had scrolled to.
  const preventScroll = useNavigationType() === NavigationType.Pop;
  const before = useRef<string | null>(null);
  useEffect(() => {
    const main = document.getElementById("main");
    // The start leads on at once; it is no page.
    if (!main || pathname === "/") return undefined;
    let isArriving = before.current !== null && before.current !== pathname;
    before.current = pathname;
    // What has the focus inside is a field of the new page, which asked for it.
    if (isArriving && !main.contains(document.activeElement)) main.focus({ preventScroll });
    return watched(main, (heading) => {
      nameTab(heading?.textContent ?? "Loading…");
      if (!heading || !isArriving) return;
      isArriving = false;
      heading.tabIndex = -1;
      if (isUnmoved(main)) heading.focus({ preventScroll });
    });
  }, [pathname, preventScroll]);
}
