// What can be edited, said once: each kind with its fields. The table and the form are made from this.
import type { MessageKey } from "./messages.ts";

export type Row = Record<string, unknown> & { id: string };

export interface FieldOf {
  name: string;
  label: MessageKey;
  /**
   * How it is written: money is decimal text, a number may be a fraction, a whole number may not, and a share
   * is an amount or a percentage, as the field that *unitIn* names says.
   */
  as: "text" | "long" | "number" | "whole" | "money" | "share" | "choice" | "reference" | "code";
  unitIn?: string;
  hint?: MessageKey;
  optional?: boolean;
  /** Of a choice: its values, each with a sentence of the same name. */
  choices?: readonly MessageKey[];
  /** Of a reference: the kind whose rows it names, and what it means to name none. */
  to?: KindName;
  none?: MessageKey;
  /** Not shown in the table, where there is little room. */
  onlyInForm?: boolean;
}

export type KindName = "categories" | "materials" | "unit-prices" | "products" | "fees" | "regions";

export interface Kind {
  name: KindName;
  /** Its routes: GET and POST here, PATCH and DELETE at {id} below. */
  path:
    | "/admin/service-categories"
    | "/admin/materials"
    | "/admin/unit-prices"
    | "/admin/furniture/products"
    | "/admin/furniture/fees"
    | "/admin/regions";
  fields: readonly FieldOf[];
  /** The field that names the row above, where rows stand inside others. */
  above?: string;
}

const NAME: FieldOf = { name: "name", label: "name", as: "text" };
const DESCRIPTION: FieldOf = {
  name: "description",
  label: "description",
  as: "long",
  optional: true,
  onlyInForm: true,
};
const POSITION: FieldOf = {
  name: "position",
  label: "position",
  as: "whole",
  hint: "position.hint",
  optional: true,
  onlyInForm: true,
};

export const KINDS: readonly Kind[] = [
  {
    name: "categories",
    path: "/admin/service-categories",
    fields: [
      NAME,
      { name: "formula", label: "formula", as: "code", hint: "formula.hint" },
      { name: "coefficient", label: "coefficient", as: "number", hint: "coefficient.hint", optional: true },
      DESCRIPTION,
      POSITION,
    ],
  },
  {
    name: "materials",
    path: "/admin/materials",
    fields: [
      NAME,
      { name: "price", label: "price", as: "money" },
      { name: "unit", label: "unit", as: "choice", choices: ["m2", "m", "piece", "set"] },
      {
        name: "categoryId",
        label: "category",
        as: "reference",
        to: "categories",
        none: "category.none",
        optional: true,
      },
      POSITION,
    ],
  },
  {
    name: "unit-prices",
    path: "/admin/unit-prices",
    fields: [
      { name: "tag", label: "tag", as: "code", hint: "tag.hint" },
      NAME,
      { name: "amount", label: "price", as: "money" },
    ],
  },
  {
    name: "products",
    path: "/admin/furniture/products",
    fields: [
      NAME,
      { name: "unitPrice", label: "price", as: "money" },
      { name: "unit", label: "unit", as: "choice", choices: ["M2", "LINEAR"] },
      {
        name: "fitInType",
        label: "fitIn.type",
        as: "choice",
        choices: ["FIXED", "PERCENTAGE"],
        onlyInForm: true,
      },
      { name: "fitInValue", label: "fitIn", as: "share", unitIn: "fitInType" },
      DESCRIPTION,
      POSITION,
    ],
  },
  {
    name: "fees",
    path: "/admin/furniture/fees",
    fields: [
      NAME,
      { name: "type", label: "type", as: "choice", choices: ["FIXED", "PERCENTAGE"], onlyInForm: true },
      { name: "value", label: "fee", as: "share", unitIn: "type" },
      POSITION,
    ],
  },
  {
    name: "regions",
    path: "/admin/regions",
    above: "parentId",
    fields: [
      NAME,
      { name: "code", label: "code", as: "code", hint: "code.hint" },
      {
        name: "parentId",
        label: "parent",
        as: "reference",
        to: "regions",
        none: "parent.none",
        optional: true,
      },
      POSITION,
    ],
  },
];

/** The kinds whose rows the fields of *kind* name. */
export function referredTo(kind: Kind): Kind[] {
  return KINDS.filter(({ name }) => kind.fields.some(({ to }) => to === name));
}
