/** Whether somebody is there: what polls stops while nobody is, or an unattended page would keep a session alive. */

/** Well below the fifteen minutes that are the least a policy lets a session be idle. */
export const ALONE_AFTER_MS = 5 * 60_000;
const SIGNS = ["pointerdown", "pointermove", "wheel", "keydown", "focus"] as const;

export interface Room {
  now: () => number;
  isVisible: () => boolean;
  /** Tells whether somebody is there, whenever that changes. */
  tell: (isAttended: boolean) => void;
}

export class Attendance {
  #room: Room;
  #lastSign: number;
  #told: boolean | null = null;

  constructor(room: Room) {
    this.#room = room;
    this.#lastSign = room.now();
  }

  /** Somebody did something. */
  sign(): void {
    this.#lastSign = this.#room.now();
    this.look();
  }

  /** Finds out whether somebody is there. */
  look(): void {
    const isAttended = this.#room.isVisible() && this.#room.now() - this.#lastSign < ALONE_AFTER_MS;
    if (isAttended !== this.#told) this.#room.tell(isAttended);
    this.#told = isAttended;
  }
}

/** Watches this page from now on. */
export function attend(tell: Room["tell"]): void {
  const attendance = new Attendance({ now: Date.now, isVisible: () => !document.hidden, tell });
  // Told before anything is read: told with the first move of the pointer, it reads a page that failed anew, and takes the
  // link away that the pointer is about to press.
  attendance.look();
  for (const sign of SIGNS) window.addEventListener(sign, () => attendance.sign(), { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => attendance.look());
  window.setInterval(() => attendance.look(), 10_000);
}
