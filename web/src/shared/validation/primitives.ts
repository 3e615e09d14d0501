// The few kinds of value that the server's models are made of, judged exactly as Pydantic judges them. The
// schemas themselves are made from the models (infra/zod.py); parity.test.ts holds both to one verdict.
import * as z from "zod/mini";

// The pages forbid eval (CSP), so zod must not try to compile.
z.config({ jitless: true });

const LONE_SURROGATE = /\p{Surrogate}/u;
// What Rust's trim() takes off, which is not quite what JavaScript's does (U+0085, U+FEFF).
const BLANKS_AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;
const HEX = "[0-9a-f]";
const HYPHENATED = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;
const UUID = new RegExp(`^(${HEX}{32}|${HYPHENATED}|\\{${HYPHENATED}\\})$`, "i");
const UUID_URN = new RegExp(`^urn:uuid:(?:${HYPHENATED.replaceAll("a-f", "a-fA-F")})$`);

export interface TextRules {
  min?: number;
  max?: number;
  pattern?: string;
  /** Blanks around are cut off and accents composed before the rest is judged. */
  clean?: boolean;
}

/** A text as the server judges it: without blanks around and composed (NFC). */
export function cleaned(value: string): string {
  return value.replace(BLANKS_AROUND, "").normalize("NFC");
}

/** Text; lengths count characters (code points), not UTF-16 units. */
export function text({ min = 0, max = Infinity, pattern = "", clean = false }: TextRules): z.ZodMiniString {
  const form = new RegExp(pattern, "u");
  return z.string().check(
    z.refine((written) => {
      const value = clean ? cleaned(written) : written;
      const count = Array.from(value).length;
      return !LONE_SURROGATE.test(written) && count >= min && count <= max && form.test(value);
    }),
  );
}

export function uuid(): z.ZodMiniString {
  return z.string().check(z.refine((value) => UUID.test(value) || UUID_URN.test(value)));
}

export interface NumberRules {
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
}

function isWithin(value: number, { minimum, exclusiveMinimum, maximum }: NumberRules): boolean {
  return (
    value >= (minimum ?? -Infinity) &&
    value > (exclusiveMinimum ?? -Infinity) &&
    value <= (maximum ?? Infinity)
  );
}

export function integer(rules: NumberRules): z.ZodMiniNumber {
  return z.number().check(z.refine((value) => Number.isInteger(value) && isWithin(value, rules)));
}

/** How many decimals a number has when it is written without an exponent and without zeros at its end. */
function decimalsOf(value: number | string): number {
  const [digits = "", exponent = "0"] = String(value).split("e");
  const decimals = (digits.split(".")[1] ?? "").replace(/0+$/, "");
  return Math.max(0, decimals.length - Number(exponent));
}

export interface DecimalRules extends NumberRules {
  pattern: string;
  decimalPlaces: number;
}

/** An exact number: a JSON number, or its digits as text. */
export function decimal({
  pattern,
  decimalPlaces,
  ...rules
}: DecimalRules): z.ZodMiniUnion<readonly [z.ZodMiniNumber, z.ZodMiniString]> {
  const form = new RegExp(pattern, "u");
  return z
    .union([z.number(), z.string().check(z.regex(form))])
    .check(z.refine((value) => isWithin(Number(value), rules) && decimalsOf(value) <= decimalPlaces));
}
