/** An id that can be copied. */
import { CheckIcon, CopyIcon } from "@radix-ui/react-icons";
import { IconButton } from "@radix-ui/themes";
import { useState } from "react";

import { notify } from "./notify";

export function CopyText({ text, label }: { text: string; label?: string }) {
  return (
    <span className="copy">
      <code className="copy-text">{text}</code>
      <CopyButton text={text} label={label} />
    </span>
  );
}

/** The button alone, for what is too long to be shown. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      notify("Your browser does not allow copying here. Select the text instead.");
    }
  };
  return (
    <IconButton
      type="button"
      size="1"
      variant="ghost"
      color="gray"
      aria-label={copied ? "Copied" : `Copy ${label ?? text}`}
      onClick={() => void copy()}
    >
      {copied ? <CheckIcon /> : <CopyIcon />}
    </IconButton>
  );
}
