/** The top of a page: where one is, what it is, what can be done. Its heading names the browser's tab (shell/useArrival). */
import { Heading, Text } from "@radix-ui/themes";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { Name } from "./Name";

interface PageHeaderProps {
  title: string;
  above?: { to: string; title: string };
  children?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, above, children, actions }: PageHeaderProps) {
  return (
    <div className="page-header">
      <div className="page-header-words">
        {above && (
          <Text as="p" size="2">
            <Link to={above.to}>‹ {above.title}</Link>
          </Text>
        )}
        <Heading as="h1" size="6">
          <Name>{title}</Name>
        </Heading>
        {children && (
          <Text as="div" color="gray" size="2">
            {children}
          </Text>
        )}
      </div>
      {actions && <div className="page-header-actions">{actions}</div>}
    </div>
  );
}
