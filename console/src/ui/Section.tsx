/** A part of a page under its own heading. */
import { Card, Heading, Text } from "@radix-ui/themes";
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  text?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Section({ title, text, actions, children }: SectionProps) {
  return (
    <Card asChild size="2">
      <section className="section" aria-label={title}>
        <div className="section-head">
          <div>
            <Heading as="h2" size="3">
              {title}
            </Heading>
            {text && (
              <Text as="p" size="2" color="gray">
                {text}
              </Text>
            )}
          </div>
          {actions && <div className="section-actions">{actions}</div>}
        </div>
        {children}
      </section>
    </Card>
  );
}
