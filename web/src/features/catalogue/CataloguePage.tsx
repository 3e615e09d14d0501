// What visitors choose from and what it costs, part by part, each at an address of its own.
import type { ReactElement } from "react";
import { Link, useLocation } from "wouter";

import { useMessages, useTitle } from "@/shared/i18n/i18n";
import { Heading } from "@/shared/ui/Heading";

import { KINDS } from "./kinds.ts";
import { MESSAGES } from "./messages.ts";
import { RowsOfKind } from "./RowsOfKind.tsx";
import { Settings } from "./Settings.tsx";

const HERE = "/admin/catalogue";
const SETTINGS = "settings";

export default function CataloguePage(): ReactElement {
  const t = useMessages(MESSAGES);
  const [address] = useLocation();
  const part = address.slice(HERE.length + 1) || "categories";
  const kind = KINDS.find(({ name }) => name === part);
  const parts = [...KINDS.map(({ name }) => name), SETTINGS] as const;
  useTitle(kind ? `${t(kind.name)} · ${t("title")}` : t("title"));
  return (
    <>
      <Heading title={t("title")}>{t("lead")}</Heading>
      <nav className="parts" aria-label={t("kinds")}>
        <ul>
          {parts.map((name) => (
            <li key={name}>
              <Link href={`${HERE}/${name}`} aria-current={name === part ? "page" : undefined}>
                {t(name)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {kind && <RowsOfKind key={kind.name} kind={kind} />}
      {part === SETTINGS && <Settings />}
    </>
  );
}
