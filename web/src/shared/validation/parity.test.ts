// The schemas made for the browser and the server's own models get the same input and say the same of it
// (R11). The server is the real one: its body reader and its Pydantic model, in a Python process that answers
// line by line.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";

import { faultsOf } from "./verdict.ts";

let ask: (body: string) => Promise<string[] | null>;
let stop: () => void;

beforeAll(() => {
  const judge = spawn("../.venv/bin/python", ["../tests/browser_judge.py"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: judge.stdout })[Symbol.asyncIterator]();
  ask = async (body) => {
    judge.stdin.write(`${body}\n`);
    const answer = await answers.next();
    if (answer.done === true) throw new Error("the server's judge is gone; run `make .venv/.synced` first");
    return JSON.parse(answer.value) as string[] | null;
  };
  stop = () => {
    judge.stdin.end();
  };
});

afterAll(() => {
  stop();
});

// Characters that runtimes like to disagree about: blanks of every kind, controls, combining accents, astral
// ones, halves of them, digits of other scripts.
const ODD = [
  ...Array.from(
    "\t\n\v\f\r \u0000\u001c\u001f\u007f\u0085\u00a0\u00ad\u1680\u180e\u200b\u2007\u2028\u2029\u202f\u205f" +
      "\u2060\u3000\ufeffe\u0301\u0323\u1ea1\u1100\u1161\u212b\u{1d15e}\u{1f1fb}\u{1f1f3}\u{20bb7}\u{10ffff}" +
      "0\uff10\u0660\u06f9\u0967",
  ),
  "\ud83d",
  "\udc00",
];
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Array.from("aZ09 @.-+'/_")) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
);

/** Text of any length, and often of one beside a limit. */
function textNear(...limits: number[]): fc.Arbitrary<string> {
  const length = fc.oneof(fc.nat(12), fc.constantFrom(...limits.flatMap((at) => [at - 1, at, at + 1])));
  return length.chain((count) =>
    fc.oneof(
      fc.array(character, { minLength: count, maxLength: count }).map((all) => all.join("")),
      fc.tuple(character, fc.constantFrom("", ...ODD)).map(([one, end]) => one.repeat(count) + end),
    ),
  );
}

const scribble = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.constant(""),
  fc.constant({}),
  fc.constant([]),
  fc.integer(),
  fc.jsonValue({ maxDepth: 1 }),
);

const id = fc.oneof(
  { weight: 5, arbitrary: fc.uuid() },
  fc.uuid().map((text) => text.toUpperCase()),
  fc.uuid().map((text) => text.replaceAll("-", "")),
  fc.uuid().map((text) => `{${text}}`),
  fc.uuid().map((text) => `urn:uuid:${text.toUpperCase()}`),
  fc.uuid().map((text) => `URN:UUID:${text}`),
  fc
    .tuple(fc.uuid(), fc.nat(36), character)
    .map(([text, at, one]) => text.slice(0, at) + one + text.slice(at)),
  textNear(32, 36),
);

/** Numbers, also as text, around nothing, around the limits and with ever more decimals. */
const quantity = (limit: number): fc.Arbitrary<unknown> => {
  const number = fc.oneof(
    fc.constantFrom(0, -0, 1, limit, limit + 1, limit - 0.001, limit + 0.001, 1e-7, 1e21, 5e-324, 0.1 + 0.2),
    fc
      .tuple(fc.integer({ min: -5, max: limit * 1000 + 5 }), fc.nat(5))
      .map(([of, places]) => of / 10 ** places),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  return fc.oneof(
    number,
    number.map(String),
    fc
      .tuple(number, fc.constantFrom("0", "00", ".0", ".", " ", "e1", "\n"))
      .map(([of, end]) => `${of}${end}`),
    fc.constantFrom("01", "1.50000", "+1", "1,5", ".5", "1.", "\uff11", "0.000000001", "100000.000000001"),
  );
};

/** Records whose every member may be missing, good, or a scribble; sometimes with one too many. */
function loose(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const noisy = Object.fromEntries(
    Object.entries(members).map(([name, good]) => [
      name,
      fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: scribble }),
    ]),
  );
  const record = fc.record(noisy, { requiredKeys: [] });
  const whole = fc.record(noisy);
  return fc.oneof(
    { weight: 6, arbitrary: whole },
    { weight: 2, arbitrary: record },
    fc.tuple(whole, textNear(5), scribble).map(([all, name, value]) => ({ ...all, [name]: value })),
  );
}

const email = fc.oneof(
  fc.constantFrom("an@example.com", "a@b.vn", "a@b", "a@-b.vn", "a..b@c.vn", " a@b.vn", "a@b.vn\n", "ä@b.vn"),
  fc.emailAddress(),
  fc.nat(70).map((count) => `${"a".repeat(count)}@b.vn`),
  fc.nat(70).map((count) => `a@${"b".repeat(count)}.vn`),
  fc.nat(130).map((count) => `a@${"b.".repeat(count)}vn`),
  textNear(254),
);
const phone = fc.oneof(
  fc.constantFrom(
    "0912 345 678",
    "+84 912.345.678",
    "tel:0912345678",
    "\uff10\uff19\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
    "123456",
    "1234567",
  ),
  textNear(3, 7, 40),
);
const touch = loose({ source: textNear(500), landingPage: textNear(500) });
const quote = fc.oneof(
  loose({
    kind: fc.constant("calculator"),
    categoryId: id,
    area: quantity(100_000),
    materialIds: fc.oneof(
      fc.array(id, { maxLength: 3 }),
      fc.tuple(id, fc.nat(102)).map(([one, count]) => Array<string>(count).fill(one)),
    ),
  }),
  loose({
    kind: fc.constant("furniture"),
    items: fc.array(
      loose({
        productId: id,
        length: quantity(100),
        width: quantity(100),
        quantity: fc.oneof(fc.integer({ min: -1, max: 1001 }), fc.double({ noNaN: true }), fc.constant("1")),
        fitIn: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  }),
  loose({ kind: fc.constantFrom("calculator", "furniture", "other", 1) }),
);
const ALL = {
  name: textNear(2, 100),
  phone,
  email,
  content: textNear(10, 2000),
  source: fc.constantFrom("CONTACT_FORM", "QUOTE_FORM", "FURNITURE_QUOTE", "contact_form"),
  quote,
  consent: loose({ version: textNear(1, 40), accepted: fc.boolean() }),
  utm: loose({ first: touch, last: touch }),
  locale: fc.constantFrom("en", "vi", "fr"),
  elapsedMs: fc.oneof(fc.nat(), fc.constantFrom(1e12, 1e12 + 1, 1.5, -1, 1e21)),
  website: textNear(2000),
  turnstileToken: textNear(2048),
};
const VALID = {
  name: "An Bình",
  phone: "0912 345 678",
  source: "CONTACT_FORM",
  consent: { version: "2026-01", accepted: true },
};

/** Mostly a valid body of which one to three members are anything; sometimes all of them are. */
const lead = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(loose(ALL), fc.subarray(Object.keys(ALL), { minLength: 1, maxLength: 3 }))
      .map(([any, taken]) => ({
        ...VALID,
        ...Object.fromEntries(Object.entries(any as object).filter(([name]) => taken.includes(name))),
      })),
  },
  loose(ALL),
);

/** Where the faults are: the materials as one place, and no list for the faults of what is in it. */
function places(pointers: string[]): string[] {
  const all = [...new Set(pointers.map((one) => one.replace(/(materialIds)\/.*/s, "$1")))].sort();
  return all.filter((one) => !all.some((other) => other.startsWith(`${one}/`)));
}

it("judges every body as the server does, place by place", async () => {
  let valid = 0;
  await fc.assert(
    fc.asyncProperty(lead, async (body) => {
      const text = JSON.stringify(body);
      const server = await ask(text);
      const browser = faultsOf(JSON.parse(text));
      if (server === null) expect(browser).not.toEqual([]);
      else expect(places(browser)).toEqual(places(server));
      if (browser.length === 0) valid += 1;
    }),
    {
      numRuns: Number(process.env["PARITY_RUNS"] ?? 3000),
      // A blank to JavaScript alone, before a control: once found, and judged differently.
      examples: [[{ ...VALID, name: "\ufeff\tAn" }]],
    },
  );
  expect(valid).toBeGreaterThan(50);
}, 300_000);
