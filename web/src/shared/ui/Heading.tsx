import type { ReactElement, ReactNode } from "react";

interface HeadingProps {
  title: string;
  /** What the page is for, in a sentence. */
  children?: ReactNode;
  /** Buttons that belong to the whole page. */
  actions?: ReactNode;
}

/** The head of a page of the desk or the portal. */
export function Heading({ title, children, actions }: HeadingProps): ReactElement {
  return (
    <div className="heading">
      <div>
        <h1 className="heading__title">{title}</h1>
        {children !== undefined && <p className="heading__lead">{children}</p>}
      </div>
      {actions !== undefined && <div className="actions">{actions}</div>}
    </div>
  );
}
