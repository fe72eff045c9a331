/** Whether somebody is there, for what says that it stopped asking while nobody is. */
import { focusManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

/** Returns whether what polls goes on: `attendance.ts` tells the focus manager when somebody comes or goes. */
export function useAttended(): boolean {
  return useSyncExternalStore(
    (listener) => focusManager.subscribe(listener),
    () => focusManager.isFocused(),
  );
}
