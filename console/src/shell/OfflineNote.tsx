/** Says when the browser has lost its network; what is shown then may be old. */
import { Callout } from "@radix-ui/themes";
import { useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export function OfflineNote() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  if (isOnline) return null;
  return (
    <Callout.Root highContrast color="amber" size="1" role="status" mb="4">
      <Callout.Text>You are offline. What you see may be out of date; it is read again once you are back.</Callout.Text>
    </Callout.Root>
  );
}
