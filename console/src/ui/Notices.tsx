/** Shows notices, read aloud by screen readers. */
import { CheckCircledIcon, Cross2Icon } from "@radix-ui/react-icons";
import { IconButton, Text } from "@radix-ui/themes";
import { useSyncExternalStore } from "react";

import { current, dismiss, subscribe } from "./notify";

export function Notices() {
  const notices = useSyncExternalStore(subscribe, current);
  return (
    <div className="notices" role="status" aria-live="polite">
      {notices.map((notice) => (
        <div key={notice.id} className="notice">
          <CheckCircledIcon aria-hidden />
          <Text size="2">{notice.text}</Text>
          <IconButton size="1" variant="ghost" color="gray" aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
            <Cross2Icon />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
