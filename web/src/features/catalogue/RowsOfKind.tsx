// The table of one kind, with adding, changing and deleting.
import type { ReactElement, ReactNode } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { ConfirmDialog } from "@/shared/ui/ConfirmDialog";
import { DataTable } from "@/shared/ui/DataTable";
import { Empty, Loadable } from "@/shared/ui/states";

import type { FieldOf, Kind, Row } from "./kinds.ts";
import type { MessageKey } from "./messages.ts";
import { MESSAGES } from "./messages.ts";
import { RowForm } from "./RowForm.tsx";
import type { Names } from "./rows.ts";
import { nameOf, removeRow, useRows } from "./rows.ts";
import { isMoney, textOf } from "./values.ts";

type Open = { dialog: "form"; row: Row | null } | { dialog: "remove"; row: Row };

export function RowsOfKind({ kind }: { kind: Kind }): ReactElement {
  const t = useMessages(MESSAGES);
  const { money } = useI18n();
  const api = useApi();
  const [open, setOpen] = useState<Open | null>(null);
  const [told, setTold] = useState<MessageKey | null>(null);
  const rows = useRows(kind);
  const close = (): void => {
    setOpen(null);
  };
  const done = (sentence: MessageKey): void => {
    close();
    setTold(sentence);
    rows.reload();
  };
  const removedId = open?.dialog === "remove" ? open.row.id : "";
  const remove = useAction(
    () => removeRow(api, kind, removedId),
    () => {
      done("removed");
    },
  );
  const cell = (field: FieldOf, row: Row, names: Names): ReactNode => {
    const value = row[field.name];
    if (isMoney(value)) return money(value);
    if (field.as === "code") return <code>{textOf(value)}</code>;
    if (field.as === "choice") return t(textOf(value) as MessageKey);
    if (field.as === "reference" && field.to) return names[field.to]?.get(textOf(value)) ?? "–";
    return textOf(value) || "–";
  };
  return (
    <>
      <div className="heading">
        <p role="status" className={told ? "notice" : "hidden"}>
          {told && t(told)}
        </p>
        <Button
          kind="primary"
          onClick={() => {
            setOpen({ dialog: "form", row: null });
          }}
        >
          {t("add")}
        </Button>
      </div>
      <Loadable resource={rows} lines={8}>
        {({ rows: items, names }) => (
          <>
            {items.length === 0 ? (
              <Empty>{t("none")}</Empty>
            ) : (
              <DataTable<Row>
                caption={t(kind.name)}
                rows={items}
                rowKey={({ id }) => id}
                columns={[
                  ...kind.fields
                    .filter(({ onlyInForm }) => !onlyInForm)
                    .map((field) => ({
                      name: field.name,
                      heading: t(field.label),
                      numeric: field.as === "money" || field.as === "number",
                      cell: (row: Row) => cell(field, row, names),
                    })),
                  {
                    name: "actions",
                    heading: t("actions"),
                    actions: true,
                    cell: (row: Row) => (
                      <span className="actions">
                        {(["edit", "remove"] as const).map((verb) => (
                          <Button
                            key={verb}
                            className="button--small"
                            aria-label={`${t(verb)}: ${nameOf(row)}`}
                            onClick={() => {
                              setOpen({ dialog: verb === "edit" ? "form" : "remove", row });
                            }}
                          >
                            {t(verb)}
                          </Button>
                        ))}
                      </span>
                    ),
                  },
                ]}
              />
            )}
            {open?.dialog === "form" && (
              <RowForm
                kind={kind}
                row={open.row}
                names={names}
                onClose={close}
                onSaved={() => {
                  done("saved");
                }}
              />
            )}
          </>
        )}
      </Loadable>
      {open?.dialog === "remove" && (
        <ConfirmDialog title={t("remove")} confirm={t("remove")} action={remove} onClose={close}>
          <p>{t("remove.text", { name: nameOf(open.row) })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
