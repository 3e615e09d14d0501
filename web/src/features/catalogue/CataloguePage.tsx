// What visitors choose from and what it costs, part by part, each at an address of its own.
import type { ReactElement } from "react";
import { useLocation } from "wouter";

import { useMessages, useTitle } from "@/shared/i18n/i18n";
import { Heading } from "@/shared/ui/Heading";
import { Empty } from "@/shared/ui/states";
import { Ways } from "@/shared/ui/Ways";

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
      <Ways
        label={t("kinds")}
        className="parts"
        ways={parts.map((name) => ({ href: `${HERE}/${name}`, label: t(name), isShown: name === part }))}
      />
      {kind && <RowsOfKind key={kind.name} kind={kind} />}
      {part === SETTINGS && <Settings />}
      {!kind && part !== SETTINGS && <Empty>{t("no_part")}</Empty>}
    </>
  );
}
