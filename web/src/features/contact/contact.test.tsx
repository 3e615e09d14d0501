import { fireEvent, screen, within } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { openPage } from "@test/page";

/** What may stand in each field, good and bad, and what its error must name: the right format. */
const FIELDS = {
  name: {
    good: ["An", "Nguyễn Thị Hoa", "𠮷𠮷", "x".repeat(100), "  Ba  "],
    bad: ["", "A", " A ", "x".repeat(101), "\u3000\u3000"],
    format: "2 to 100",
  },
  phone: {
    good: ["0912 345 678", "+84 912.345.678", "０９１２３４５６７８"],
    bad: ["", "12 34 56", "call me", "1".repeat(41)],
    format: "0912 345 678",
  },
  email: {
    good: ["", "  ", "an@example.com", " an@example.com "],
    bad: ["an", "an@", "a b@example.com", "an@example", `${"a".repeat(65)}@example.com`],
    format: "name@example.com",
  },
  content: {
    good: ["I would like a new kitchen.", "x".repeat(2000), "  exactly 10  "],
    bad: ["", "too short", "x".repeat(2001)],
    format: "10 to 2,000",
  },
} as const;
type Name = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Name[];

interface Entry {
  value: string;
  isGood: boolean;
}

const entry = (name: Name): fc.Arbitrary<Entry> =>
  fc.oneof(
    fc.constantFrom(...FIELDS[name].good).map((value) => ({ value, isGood: true })),
    fc.constantFrom(...FIELDS[name].bad).map((value) => ({ value, isGood: false })),
  );

const input = (name: Name): HTMLElement => screen.getByTestId(`lead-${name}`);
const put = (name: Name, value: string): void => {
  fireEvent.change(input(name), { target: { value } });
};
const clear = (): void => {
  fireEvent.click(screen.getByRole("button", { name: "Clear form" }));
};
const submit = (): HTMLButtonElement => screen.getByTestId("lead-submit");

async function openContact(): Promise<Awaited<ReturnType<typeof openPage>>> {
  const page = await openPage();
  await page.user.click(screen.getByRole("tab", { name: /A question/ }));
  return page;
}

describe("validation", () => {
  it("P22: a field's error is there exactly when it was left and is wrong, and names the right format", async () => {
    await openContact();
    const step = fc
      .constantFrom(...NAMES)
      .chain((name) => fc.record({ name: fc.constant(name), entry: entry(name), isLeft: fc.boolean() }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        clear();
        const left = new Set<Name>();
        const good = new Map<Name, boolean>(NAMES.map((name) => [name, name === "email"]));
        for (const { name, entry: one, isLeft } of steps) {
          put(name, one.value);
          if (isLeft) fireEvent.blur(input(name));
          if (isLeft) left.add(name);
          good.set(name, one.isGood);
          for (const each of NAMES) {
            const error = screen.queryByTestId(`error-${each}`);
            expect(error !== null).toBe(left.has(each) && good.get(each) === false);
            if (error) expect(error.textContent).toContain(FIELDS[each].format);
            expect(input(each).getAttribute("aria-invalid")).toBe(error ? "true" : null);
          }
        }
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it("P23: the form can be sent exactly when all required fields are valid", async () => {
    await openContact();
    const whole = fc.record({
      name: entry("name"),
      phone: entry("phone"),
      email: entry("email"),
      content: entry("content"),
      consent: fc.boolean(),
      order: fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
    });
    // Half of them are valid but for at most one field: the border is where it matters.
    const nearlyGood = fc
      .tuple(whole, fc.option(fc.constantFrom(...NAMES)), fc.boolean())
      .map(([all, spoilt, consent]) => {
        const kept = Object.fromEntries(
          NAMES.map((name) => [
            name,
            name === spoilt ? all[name] : { value: FIELDS[name].good[0], isGood: true },
          ]),
        );
        return { ...all, ...kept, consent };
      });
    let enabled = 0;
    fc.assert(
      fc.property(fc.oneof(whole, nearlyGood), (all) => {
        clear();
        for (const name of all.order) put(name, all[name].value);
        if (all.consent) fireEvent.click(screen.getByTestId("lead-consent"));
        const isValid = all.consent && NAMES.every((name) => all[name].isGood);
        expect(submit().disabled).toBe(!isValid);
        const missing = document.querySelector("#contact .lead-form__missing");
        expect(missing === null).toBe(isValid);
        if (isValid) enabled += 1;
      }),
      { numRuns: 200 },
    );
    expect(enabled).toBeGreaterThan(0);
  }, 120_000);
});

describe("sending", () => {
  it("sends a message without a quote, and confirms it without a price", async () => {
    const page = await openContact();
    await page.user.type(input("name"), "Nguyễn Văn An");
    await page.user.type(input("phone"), "0912 345 678");
    await page.user.type(input("email"), "an@example.com");
    await page.user.type(input("content"), "I would like a new kitchen.");
    await page.user.click(screen.getByTestId("lead-consent"));
    await page.user.click(submit());
    expect((await screen.findByTestId("lead-confirmation")).textContent).toContain("an@example.com");
    expect(screen.queryByTestId("lead-price")).toBeNull();
    const [seen] = page.api.seen;
    expect(seen?.body).toMatchObject({ source: "CONTACT_FORM", content: "I would like a new kitchen." });
    expect(Object.keys(seen?.body ?? {})).not.toContain("quote");
    expect(window.localStorage.getItem("plumbline:contact")).toBeNull();
  });
});

describe("three forms on one page", () => {
  it("keep what was typed in one while another is shown, and have ids and names of their own", async () => {
    const page = await openPage();
    await screen.findByRole("option", { name: "Lát sàn" });
    await page.user.type(screen.getByTestId("lead-name"), "An");
    const tabs = screen.getByRole("tablist");
    within(tabs)
      .getByRole("tab", { name: /Renovation/ })
      .focus();
    await page.user.keyboard("{ArrowRight}");
    expect(document.activeElement).toBe(within(tabs).getByRole("tab", { name: /Furniture/, selected: true }));
    await page.user.keyboard("{End}");
    expect(window.location.hash).toBe("#contact");
    expect(screen.getByTestId<HTMLInputElement>("lead-name").value).toBe("");
    await page.user.keyboard("{ArrowRight}");
    expect(screen.getByTestId<HTMLInputElement>("lead-name").value).toBe("An");
    const ids = Array.from(document.querySelectorAll("[id]"), ({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.querySelectorAll("form")).toHaveLength(3);
  });

  it("go on sending what an earlier page left unfinished, each under its own record", async () => {
    const page = await openContact();
    await page.user.type(input("name"), "An");
    await page.user.type(input("phone"), "0912 345 678");
    await page.user.type(input("content"), "I would like a new kitchen.");
    await page.user.click(screen.getByTestId("lead-consent"));
    page.api.fates = [{ status: 503, code: "DATABASE_BUSY", retryAfter: "60" }];
    await page.user.click(submit());
    await screen.findByText(/Next try in/);
    expect(window.localStorage.getItem("plumbline:quote:submission")).toBeNull();
    page.reload();
    expect(screen.getByRole("tab", { name: /A question/, selected: true })).toBeTruthy();
    await screen.findByTestId("lead-confirmation", {}, { timeout: 8000 });
    expect(page.api.seen).toHaveLength(2);
    expect(page.api.seen[0]?.key).toBe(page.api.seen[1]?.key);
  });
});
