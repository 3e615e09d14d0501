import { act, renderHook } from "@testing-library/react";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";

import { useLocalStoragePersistence } from "@/shared/storage/useLocalStoragePersistence";

import type { ContactFields } from "@/shared/lead/contact";
import { emptyFields, persistenceOf } from "@/shared/lead/rules";

import type { QuoteFields as OwnFields } from "./form.ts";
import { QUOTE_RULES } from "./form.ts";

type QuoteFields = OwnFields & ContactFields;
const QUOTE_PERSISTENCE = persistenceOf(QUOTE_RULES);
const EMPTY_FIELDS = emptyFields(QUOTE_RULES);

const DAY_MS = 24 * 60 * 60 * 1000;
const text = fc.string({ unit: "binary", maxLength: 30 });

const fields: fc.Arbitrary<QuoteFields> = fc.record({
  categoryId: text,
  area: text,
  materialIds: fc.array(text, { maxLength: 5 }),
  name: text,
  phone: text,
  email: text,
  content: text,
  consent: fc.boolean(),
  remember: fc.boolean(),
  website: text,
});

const open = (): ReturnType<
  typeof renderHook<ReturnType<typeof useLocalStoragePersistence<QuoteFields>>, unknown>
> => renderHook(() => useLocalStoragePersistence(QUOTE_PERSISTENCE));

/**
 * What a return visit must show: the choices always, contact details only of those who asked, consent never.
 */
function expected({ name, phone, email, ...rest }: QuoteFields): QuoteFields {
  const contact = rest.remember ? { name, phone, email } : { name: "", phone: "", email: "" };
  return { ...rest, ...contact, consent: false, website: "" };
}

function leave(value: QuoteFields): void {
  window.localStorage.clear();
  const page = open();
  act(() => {
    page.result.current.setValue(() => value);
  });
  page.unmount();
}

afterEach(() => {
  vi.useRealTimers();
});

describe("saved form state", () => {
  it("P20: whatever was chosen is there again on return", () => {
    fc.assert(
      fc.property(fields, (value) => {
        leave(value);
        const page = open();
        expect(page.result.current.value).toEqual(expected(value));
        page.unmount();
      }),
      { numRuns: 200 },
    );
  });

  it("P21: for 24 hours it is there, after that it is gone, also from the device", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const ages = fc.oneof(fc.integer({ min: DAY_MS - 5, max: DAY_MS + 5 }), fc.nat(3 * DAY_MS));
    fc.assert(
      fc.property(fields, ages, (chosen, ageMs) => {
        const value = { ...chosen, categoryId: `c${chosen.categoryId}` };
        vi.setSystemTime(1_700_000_000_000);
        leave(value);
        vi.setSystemTime(1_700_000_000_000 + ageMs);
        const page = open();
        const isKept = ageMs <= DAY_MS;
        expect(page.result.current.value).toEqual(isKept ? expected(value) : EMPTY_FIELDS);
        expect(page.result.current.restored).toBe(isKept);
        expect(window.localStorage.getItem("plumbline:quote") !== null).toBe(isKept);
        page.unmount();
      }),
      { numRuns: 200 },
    );
  });

  it("never leaves contact details of somebody who did not ask for it", () => {
    fc.assert(
      fc.property(fields, fc.uuid(), (value, secret) => {
        leave({ ...value, remember: false, name: secret, phone: secret, email: secret });
        expect(JSON.stringify(window.localStorage)).not.toContain(secret);
      }),
    );
  });

  it("takes any scribble in the storage for nothing", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.json(),
          fc.json().map((data) => `{"savedAt":${Date.now()},"data":${data}}`),
        ),
        (scribble) => {
          window.localStorage.setItem("plumbline:quote", scribble);
          const page = open();
          expect(Object.keys(page.result.current.value).sort()).toEqual(Object.keys(EMPTY_FIELDS).sort());
          page.unmount();
        },
      ),
    );
    expect(QUOTE_PERSISTENCE.fromSaved([1])).toBeNull();
  });

  it("is dropped by clear()", () => {
    leave({ ...EMPTY_FIELDS, area: "12" });
    const page = open();
    act(() => {
      page.result.current.clear();
    });
    expect(page.result.current.value).toEqual(EMPTY_FIELDS);
    expect(window.localStorage.getItem("plumbline:quote")).toBeNull();
  });
});
