/** Light, dark, or as the system says: chosen by the reader, remembered by the browser. */
import { useSyncExternalStore } from "react";

export type Appearance = "system" | "light" | "dark";

const KEY = "memberpulse-appearance";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Appearance {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

function choose(appearance: Appearance): void {
  localStorage.setItem(KEY, appearance);
  listeners.forEach((listener) => listener());
}

/** Returns what is chosen, what that means now, and how to choose. */
export function useAppearance(): { chosen: Appearance; shown: "light" | "dark"; choose: (appearance: Appearance) => void } {
  const now = useSyncExternalStore(subscribe, chosen);
  const isDark = useSyncExternalStore(subscribe, () => system.matches);
  return { chosen: now, shown: now === "system" ? (isDark ? "dark" : "light") : now, choose };
}
