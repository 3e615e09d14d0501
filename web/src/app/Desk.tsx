// Staff's desk: its sections, each loaded when it is first opened, and the way between them.
import type { ComponentType, LazyExoticComponent, ReactElement } from "react";
import { lazy, Suspense } from "react";
import { Link, Route, Switch, useLocation } from "wouter";

import { Page } from "@/app/Frame";
import { NotFound } from "@/app/NotFound";
import type { Messages } from "@/shared/i18n/i18n";
import { useMessages } from "@/shared/i18n/i18n";
import { Loading } from "@/shared/ui/states";

import "./desk.css";

const MESSAGES = {
  en: {
    label: "Sections of the desk",
    circuits: "Circuits",
  },
  vi: {
    label: "Các mục của bàn làm việc",
    circuits: "Cầu dao",
  },
} satisfies Messages<string>;

interface Section {
  name: keyof (typeof MESSAGES)["en"];
  href: string;
  /** Where its page is shown: its address and those below it. */
  path: string;
  page: LazyExoticComponent<ComponentType>;
}

/** In the order of the navigation. A section's page is the default export of its feature's file. */
const SECTIONS: Section[] = [
  {
    name: "circuits",
    href: "/admin/circuits",
    path: "/admin/circuits",
    page: lazy(() => import("@/features/circuits/CircuitsPage")),
  },
];

function Sections(): ReactElement {
  const t = useMessages(MESSAGES);
  const [address] = useLocation();
  const isOpen = (href: string): boolean =>
    address === href || (href !== "/admin" && address.startsWith(`${href}/`));
  return (
    <nav className="sections" aria-label={t("label")}>
      <ul>
        {SECTIONS.map(({ name, href }) => (
          <li key={href}>
            <Link href={href} aria-current={isOpen(href) ? "page" : undefined}>
              {t(name)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export default function Desk(): ReactElement {
  return (
    <Switch>
      {SECTIONS.map(({ href, path, page: Section }) => (
        <Route key={href} path={path}>
          <Page wide>
            <div className="desk">
              <Sections />
              <div className="desk__page">
                <Suspense fallback={<Loading lines={6} />}>
                  <Section />
                </Suspense>
              </div>
            </div>
          </Page>
        </Route>
      ))}
      <Route component={NotFound} />
    </Switch>
  );
}
