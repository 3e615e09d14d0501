// The table of one kind, with adding, changing and deleting.
import type { ReactElement, ReactNode } from "react";
import { useState } from "react";
import { useSearchParams } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { ConfirmDialog } from "@/shared/ui/ConfirmDialog";
import { DataTable } from "@/shared/ui/DataTable";
import { Field } from "@/shared/ui/Field";
import { Empty, Loadable } from "@/shared/ui/states";
import { useToast } from "@/shared/ui/Toast";

import type { FieldOf, Kind, Row } from "./kinds.ts";
import type { MessageKey } from "./messages.ts";
import { MESSAGES } from "./messages.ts";
import { RowForm } from "./RowForm.tsx";
import type { Names } from "./rows.ts";
import { found, nameOf, removeRow, useRows } from "./rows.ts";
import { CURRENCY, isMoney, textOf } from "./values.ts";
import "./catalogue.css";

// Fewer rows than this are seen at a glance.
const SEARCHED_FROM = 12;

type Open = { dialog: "form"; row: Row | null } | { dialog: "remove"; row: Row };

export function RowsOfKind({ kind }: { kind: Kind }): ReactElement {
  const t = useMessages(MESSAGES);
  const { money, number } = useI18n();
  const toast = useToast();
  const [search, setSearch] = useSearchParams();
  const wanted = search.get("search") ?? "";
  const api = useApi();
  const [open, setOpen] = useState<Open | null>(null);
  const rows = useRows(kind);
  const close = (): void => {
    setOpen(null);
  };
  const done = (sentence: MessageKey): void => {
    close();
    toast(t(sentence));
    rows.reload();
  };
  const removedId = open?.dialog === "remove" ? open.row.id : "";
  const remove = useAction(
    () => removeRow(api, kind, removedId),
    () => {
      done("removed");
    },
  );
  const share = (unit: unknown, value: string): string =>
    unit === "PERCENTAGE"
      ? `${number(Number(value), { maximumFractionDigits: 4 })} %`
      : money({ amount: value, currency: CURRENCY });
  const cell = (field: FieldOf, row: Row, names: Names): ReactNode => {
    const value = row[field.name];
    if (isMoney(value)) return money(value);
    if (field.as === "share") return share(row[field.unitIn ?? ""], textOf(value));
    if (field.as === "number") return number(Number(value), { maximumFractionDigits: 4 });
    if (field.as === "code") return <code>{textOf(value)}</code>;
    if (field.as === "choice") return t(textOf(value) as MessageKey);
    if (field.as === "reference" && field.to)
      return (
        names[field.to]?.get(textOf(value)) ?? (field.none && field.name !== kind.above ? t(field.none) : "–")
      );
    const isInside = field.name === "name" && kind.above !== undefined && row[kind.above];
    return isInside ? <span className="row__inside">{textOf(value)}</span> : textOf(value) || "–";
  };
  return (
    <>
      <div className="heading">
        <h2>{t(kind.name)}</h2>
        <Button
          kind="primary"
          aria-label={t("add.to", { kind: t(kind.name) })}
          onClick={() => {
            setOpen({ dialog: "form", row: null });
          }}
        >
          {t("add")}
        </Button>
      </div>
      <Loadable resource={rows} lines={8}>
        {({ rows: all, names }) => {
          const items = found(kind, { rows: all, names }, wanted);
          return (
            <>
              {(all.length > SEARCHED_FROM || wanted !== "") && (
                <div className="search-row">
                  <Field name="search" label={t("search")}>
                    {(control) => (
                      <input
                        {...control}
                        type="search"
                        className="control"
                        value={wanted}
                        onChange={({ target }) => {
                          setSearch(target.value ? { search: target.value } : {}, { replace: true });
                        }}
                      />
                    )}
                  </Field>
                  <p role="status" className="field__hint">
                    {t("shown", { count: number(items.length), all: number(all.length) })}
                  </p>
                </div>
              )}
              {items.length === 0 ? (
                <Empty>{t(all.length === 0 ? "none" : "none.found")}</Empty>
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
                        numeric: field.as === "money" || field.as === "number" || field.as === "share",
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
          );
        }}
      </Loadable>
      {open?.dialog === "remove" && (
        <ConfirmDialog
          title={t("remove.of", { name: nameOf(open.row) })}
          confirm={t("remove")}
          action={remove}
          onClose={close}
        >
          <p>{t("remove.text", { name: nameOf(open.row) })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
