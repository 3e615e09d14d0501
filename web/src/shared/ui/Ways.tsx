// A row of links to the parts of something, of which one is shown. Where the row is wider than the screen it is
// moved so far that this one is seen.
import type { ReactElement } from "react";
import { useEffect, useRef } from "react";
import { Link } from "wouter";

export interface Way {
  href: string;
  label: string;
  isShown: boolean;
}

interface WaysProps {
  label: string;
  className: string;
  ways: Way[];
}

export function Ways({ label, className, ways }: WaysProps): ReactElement {
  const list = useRef<HTMLUListElement>(null);
  const shown = ways.find(({ isShown }) => isShown)?.href;
  useEffect(() => {
    const row = list.current;
    const link = row?.querySelector<HTMLElement>("[aria-current=page]");
    // Only the row is moved; scrollIntoView would move the page, too.
    if (row && link)
      row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
  }, [shown]);
  return (
    <nav className={className} aria-label={label}>
      <ul ref={list}>
        {ways.map(({ href, label: name, isShown }) => (
          <li key={href}>
            <Link href={href} aria-current={isShown ? "page" : undefined}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
