// The rows of a kind, read to their end, and what their references are called.
import { useCallback } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { Api } from "@/shared/api/client";
import type { Resource } from "@/shared/hooks/useResource";
import { useResource } from "@/shared/hooks/useResource";

import type { Kind, KindName, Row } from "./kinds.ts";
import { KINDS, referredTo } from "./kinds.ts";
import { textOf } from "./values.ts";

/** By kind: what each of its rows is called, by id. */
export type Names = Partial<Record<KindName, Map<string, string>>>;

export interface Rows {
  rows: Row[];
  names: Names;
}

async function listRows(api: Api, kind: Kind, signal: AbortSignal): Promise<Row[]> {
  const { items } = await api.request("get", kind.path, { signal });
  return items;
}

/** What a row is called; a unit price by its tag, since formulas name it so. */
export function nameOf(row: Row): string {
  return textOf(row["tag"]) || textOf(row["name"]);
}

/** *rows* as the API orders them, those inside another right below it. */
export function inOrder({ above }: Kind, rows: Row[]): Row[] {
  if (above === undefined) return rows;
  const ids = new Set(rows.map(({ id }) => id));
  const upper = rows.filter((row) => !ids.has(textOf(row[above])));
  return upper.flatMap((row) => [row, ...rows.filter((other) => other[above] === row.id)]);
}

/** A text without case and marks, so that "son" finds "Sơn" and "duong" finds "Đường". */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

/** The rows in which *wanted* stands, or in the names of what they refer to. */
export function found(kind: Kind, { rows, names }: Rows, wanted: string): Row[] {
  const text = folded(wanted.trim());
  if (text === "") return rows;
  const written = (row: Row): string =>
    kind.fields
      .map(({ name, to }) => (to ? names[to]?.get(textOf(row[name])) : textOf(row[name])))
      .join("\n");
  return rows.filter((row) => folded(written(row)).includes(text));
}

export function useRows(kind: Kind): Resource<Rows> {
  const api = useApi();
  const load = useCallback(
    async (signal: AbortSignal): Promise<Rows> => {
      const tags = kind.name === "categories" ? KINDS.filter(({ name }) => name === "unit-prices") : [];
      const others = [...referredTo(kind), ...tags];
      const [rows, ...named] = await Promise.all([
        listRows(api, kind, signal),
        ...others.map((other) => listRows(api, other, signal)),
      ]);
      const names: Names = {};
      others.forEach(({ name, above }, place) => {
        const found = named[place] ?? [];
        // Where rows stand inside others there are two levels, so only those of the upper one are named.
        const upper = above === undefined ? found : found.filter((row) => !row[above]);
        names[name] = new Map(upper.map((row) => [row.id, nameOf(row)]));
      });
      return { rows: inOrder(kind, rows), names };
    },
    [api, kind],
  );
  return useResource(load);
}

/** Add a row, or change those fields of the one with *id*. The routes' bodies differ by kind; the API judges them. */
export async function saveRow(
  api: Api,
  kind: Kind,
  id: string | null,
  body: Record<string, unknown>,
): Promise<void> {
  if (id === null) await api.request("post", kind.path, { body: body as never });
  else await api.request("patch", `${kind.path}/{id}`, { path: { id }, body: body });
}

export async function removeRow(api: Api, kind: Kind, id: string): Promise<void> {
  await api.request("delete", `${kind.path}/{id}`, { path: { id } });
}
