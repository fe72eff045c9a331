/** Short notices of what was done: kept here, shown by Notices. */
export interface Notice {
  id: number;
  text: string;
}

const SHOWN_MS = 6000;
let notices: readonly Notice[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  listeners.forEach((listener) => listener());
}

/** Shows a notice for a few seconds. */
export function notify(text: string): void {
  const notice = { id: ++last, text };
  set([...notices, notice].slice(-3));
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  set(notices.filter((one) => one.id !== id));
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const current = (): readonly Notice[] => notices;
