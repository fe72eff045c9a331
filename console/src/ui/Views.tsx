/** Parts of a page of which one is shown; the address says which. */
import { TabNav } from "@radix-ui/themes";
import { Link, useSearchParams } from "react-router";

export interface View {
  name: string;
  title: string;
}

/** Returns the view that the address names, else the first. */
export function useView(views: readonly View[]): string {
  const [params] = useSearchParams();
  const asked = params.get("view");
  return views.find(({ name }) => name === asked)?.name ?? views[0]?.name ?? "";
}

export function Views({ label, views }: { label: string; views: readonly View[] }) {
  const current = useView(views);
  return (
    <TabNav.Root aria-label={label} mb="4">
      {views.map(({ name, title }) => (
        <TabNav.Link key={name} asChild active={name === current}>
          <Link to={`?view=${name}`}>{title}</Link>
        </TabNav.Link>
      ))}
    </TabNav.Root>
  );
}
