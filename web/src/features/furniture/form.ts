// What the furniture quote adds to a lead: pieces, each with its product, measures and number.
import { FurnitureItem as FurnitureItemSchema } from "@/generated/schemas";
import { isRecord } from "@/shared/api/client";
import type { FurnitureRequest, Product } from "@/shared/api/types";
import { text } from "@/shared/lead/contact";
import type { LeadFormRules } from "@/shared/lead/rules";
import { sentNumber } from "@/shared/validation/numbers";

export const MOST_PIECES = 50;

export type PricedBy = Product["unit"];

export interface Piece {
  /** Tells the piece from the others for as long as it is on the page; its fields are named by it. */
  key: number;
  productId: string;
  /** How the product is priced: by the square metre it needs a width, too. Unknown before one is chosen. */
  unit: PricedBy | "";
  length: string;
  width: string;
  quantity: string;
  fitIn: boolean;
}

export interface FurnitureFields {
  pieces: Piece[];
}

export const PARTS = ["product", "length", "width", "quantity"] as const;
export type Part = (typeof PARTS)[number];

const MEMBERS: Record<string, Part> = {
  productId: "product",
  length: "length",
  width: "width",
  quantity: "quantity",
  fitIn: "product",
};

export function newPiece(pieces: readonly Piece[]): Piece {
  const key = Math.max(0, ...pieces.map((piece) => piece.key)) + 1;
  return { key, productId: "", unit: "", length: "", width: "", quantity: "1", fitIn: false };
}

export function fieldOf(piece: Piece, part: Part): string {
  return `piece-${piece.key}-${part}`;
}

/** Which part of which piece a field's name is about. */
export function partOf(field: string): { key: number; part: Part } {
  const [, key, part] = field.split("-");
  return { key: Number(key), part: part as Part };
}

/** The number of pieces, a whole one; text that the schema refuses otherwise. */
function sentQuantity(written: string): number | string {
  return /^\d{1,6}$/.test(written.trim()) ? Number(written) : written;
}

function itemOf(piece: Piece): Record<string, unknown> {
  return {
    productId: piece.productId,
    length: sentNumber(piece.length),
    ...(piece.unit === "M2" ? { width: sentNumber(piece.width) } : {}),
    quantity: sentQuantity(piece.quantity),
    fitIn: piece.fitIn,
  };
}

/** What the price is asked for: the pieces that are complete; null while there is none. */
export function toFurnitureRequest({ pieces }: FurnitureFields): FurnitureRequest | null {
  const items = pieces.map(itemOf).filter((item) => FurnitureItemSchema.safeParse(item).success);
  return items.length === 0 ? null : { items: items as unknown as FurnitureRequest["items"] };
}

const POINTER = /^\/items\/(\d+)\/(\w+)/;
const EMPTY: FurnitureFields = { pieces: [newPiece([])] };

function isPristine({ pieces }: FurnitureFields): boolean {
  return pieces.every(
    (piece) =>
      piece.productId === "" &&
      piece.length === "" &&
      piece.width === "" &&
      ["", "1"].includes(piece.quantity) &&
      !piece.fitIn,
  );
}

function pieceFrom(saved: unknown, index: number): Piece | null {
  if (!isRecord(saved)) return null;
  const unit = saved["unit"];
  return {
    key: index + 1, // the keys on the device may be anything
    productId: text(saved["productId"]),
    unit: unit === "M2" || unit === "LINEAR" ? unit : "",
    length: text(saved["length"]),
    width: text(saved["width"]),
    quantity: text(saved["quantity"]),
    fitIn: saved["fitIn"] === true,
  };
}

function withAny(pieces: Piece[]): FurnitureFields {
  return pieces.length === 0 ? EMPTY : { pieces: pieces.slice(0, MOST_PIECES) };
}

export const FURNITURE_RULES: LeadFormRules<FurnitureFields> = {
  name: "furniture",
  source: "FURNITURE_QUOTE",
  isContentRequired: false,
  empty: EMPTY,
  fieldsOf: ({ pieces }) =>
    pieces.flatMap((piece) =>
      PARTS.filter((part) => part !== "width" || piece.unit === "M2").map((part) => fieldOf(piece, part)),
    ),
  quoteOf: ({ pieces }) => ({ kind: "furniture", items: pieces.map(itemOf) }),
  ownFrom: (quote) =>
    quote?.kind === "furniture"
      ? withAny(
          quote.items.map(({ productId, length, width, quantity, fitIn = false }, index) => ({
            key: index + 1,
            productId,
            unit: (width ?? null) === null ? "LINEAR" : "M2",
            length: String(length ?? ""),
            width: String(width ?? ""),
            quantity: String(quantity),
            fitIn,
          })),
        )
      : EMPTY,
  fieldAt: (pointer, { pieces }) => {
    const [, index, member] = POINTER.exec(pointer) ?? [];
    const piece = index === undefined ? undefined : pieces[Number(index)];
    const part = member === undefined ? undefined : MEMBERS[member];
    return piece && part ? fieldOf(piece, part) : null;
  },
  sentenceOf: (field) => `error.furniture.${partOf(field).part}`,
  toSaved: (fields) => (isPristine(fields) ? null : { pieces: fields.pieces }),
  fromSaved: (data) =>
    withAny(
      (Array.isArray(data["pieces"]) ? data["pieces"] : [])
        .map(pieceFrom)
        .filter((piece): piece is Piece => piece !== null),
    ),
};
