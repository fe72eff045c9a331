/** The navigation: what this person may see, under MemberPulse's own headings; beneath it who they are and the way out. */
import { DesktopIcon, ExitIcon, MoonIcon, SunIcon } from "@radix-ui/react-icons";
import { Button, SegmentedControl, Text } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import { NavLink } from "react-router";

import { pagesFor, PLACES } from "../pages";
import { keeper } from "../session/keeper";
import { useMe } from "../session/useSession";
import { fullName } from "../ui/names";
import { Name } from "../ui/Name";
import { ProblemNote } from "../ui/states";
import { useAppearance, type Appearance } from "../ui/useAppearance";

export function Navigation({ isOpen, onLeave }: { isOpen: boolean; onLeave: () => void }) {
  const { can, session } = useMe();
  const pages = pagesFor(can);
  return (
    <nav id="menu" className={isOpen ? "menu menu-open" : "menu"} aria-label="Pages">
      {PLACES.map((place) => {
        const entries = pages.filter((one) => one.entry?.place === place);
        if (entries.length === 0) return null;
        return (
          <div key={place} role="group" aria-label={place}>
            <Text as="p" size="1" weight="medium" className="menu-place">
              {place}
            </Text>
            {entries.map(({ path, entry }) => {
              if (!entry) return null;
              const Icon = entry.icon;
              return (
                <NavLink key={path} to={`/${path}`} className="menu-link" onClick={onLeave}>
                  <Icon /> {entry.title}
                </NavLink>
              );
            })}
          </div>
        );
      })}
      <div className="menu-foot">
        <Text as="p" size="2" weight="medium" truncate>
          <Name>{fullName(session.user) ?? session.user.email}</Name>
        </Text>
        <Text as="p" size="1" color="gray" truncate>
          <Name>{session.organization?.name ?? "MemberPulse"}</Name>
        </Text>
        <Appearances />
        <SignOut />
      </div>
    </nav>
  );
}

function Appearances() {
  const { chosen, choose } = useAppearance();
  return (
    <SegmentedControl.Root
      size="1"
      value={chosen}
      aria-label="Appearance"
      onValueChange={(value) => choose(value as Appearance)}
    >
      <SegmentedControl.Item value="system" aria-label="As the system">
        <DesktopIcon />
      </SegmentedControl.Item>
      <SegmentedControl.Item value="light" aria-label="Light">
        <SunIcon />
      </SegmentedControl.Item>
      <SegmentedControl.Item value="dark" aria-label="Dark">
        <MoonIcon />
      </SegmentedControl.Item>
    </SegmentedControl.Root>
  );
}

function SignOut() {
  const leaving = useMutation({
    mutationFn: () => keeper.signOut(),
    onSuccess: (elsewhere) => {
      if (elsewhere) window.location.assign(elsewhere);
    },
  });
  return (
    <>
      <Button variant="soft" color="gray" size="2" loading={leaving.isPending} onClick={() => leaving.mutate()}>
        <ExitIcon /> Sign out
      </Button>
      <ProblemNote error={leaving.error} />
    </>
  );
}
