/** Keeps a page that fails from taking the navigation with it. */
import { Component, type ReactNode } from "react";

import { ErrorState } from "../ui/states";

interface State {
  error: Error | null;
}

export class PageBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    // A page's file may be gone because a newer console was published: reloading brings that one.
    return error ? <ErrorState error={error} onRetry={() => window.location.reload()} /> : this.props.children;
  }
}
