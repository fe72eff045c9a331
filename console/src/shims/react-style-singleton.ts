/** Stands in for `react-style-singleton`: the same styles by a constructed sheet, which our Content-Security-Policy allows. */
import { useEffect, type ReactNode } from "react";

type Sheet = (props: { styles: string; dynamic?: boolean }) => ReactNode;

/** Returns a component that adopts `styles` while it is mounted. */
export function styleSingleton(): Sheet {
  return function Adopted({ styles }) {
    useEffect(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      document.adoptedStyleSheets.push(sheet);
      return () => {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
      };
    }, [styles]);
    return null;
  };
}
