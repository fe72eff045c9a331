/** The record as a file, under the filters of the page. */
import { DownloadIcon } from "@radix-ui/react-icons";
import { Button, Flex } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { ProblemNote } from "../../ui/states";

const FORMATS = ["csv", "ndjson"] as const;
type Format = (typeof FORMATS)[number];

/** Hands a file to the browser, which keeps it where downloads are kept. */
function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export function Export({ filters }: { filters: Record<string, string | undefined> }) {
  const exporting = useMutation({
    mutationFn: (format: Format) =>
      answer<unknown>(api.GET("/api/audit/events/export", { params: { query: { ...filters, format } }, parseAs: "blob" })),
    onSuccess: (file, format) => save(file as Blob, `memberpulse-audit.${format}`),
  });
  return (
    <Flex direction="column" gap="2">
      <Flex gap="3" wrap="wrap">
        {FORMATS.map((format) => (
          <Button
            key={format}
            variant="soft"
            loading={exporting.isPending && exporting.variables === format}
            onClick={() => exporting.mutate(format)}
          >
            <DownloadIcon /> {format.toUpperCase()}
          </Button>
        ))}
      </Flex>
      <ProblemNote error={exporting.error} />
    </Flex>
  );
}
