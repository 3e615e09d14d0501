import { screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";

import { id } from "@test/catalogue";
import type { OpenPage } from "@test/page";
import { openPage } from "@test/page";

const submitButton = (): HTMLButtonElement => screen.getByRole("button", { name: "Send request" });

async function chooseWork({ user }: OpenPage): Promise<void> {
  await screen.findByRole("option", { name: "Sơn nhà trọn gói" });
  await user.selectOptions(screen.getByLabelText("Kind of work"), "Sơn nhà trọn gói");
  await user.type(screen.getByLabelText("Area"), "45,5");
  await user.click(await screen.findByRole("checkbox", { name: /Sơn nội thất cao cấp/ }));
}

async function fillIn(page: OpenPage): Promise<void> {
  await chooseWork(page);
  await page.user.type(screen.getByLabelText("Name"), "Nguyễn Văn An");
  await page.user.type(screen.getByLabelText("Phone"), "0912 345 678");
  await page.user.click(screen.getByRole("checkbox", { name: /I agree/ }));
}

const valueOf = (label: string): string => screen.getByLabelText<HTMLInputElement>(label).value;

const confirmed = (): Promise<HTMLElement> =>
  screen.findByRole("heading", { name: /Thank you/ }, { timeout: 8000 });

function kept(name: string): { data: Record<string, unknown> } | null {
  return JSON.parse(window.localStorage.getItem(`plumbline:${name}`) ?? "null") as {
    data: Record<string, unknown>;
  } | null;
}

async function violations(): Promise<string[]> {
  const result = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    rules: { "color-contrast": { enabled: false } }, // needs a layout
  });
  return result.violations.map(({ id }) => id);
}

describe("the price", () => {
  it("appears after the choices, with one calculation for quick typing", async () => {
    const page = await openPage();
    await screen.findByRole("option", { name: "Lát sàn" });
    await page.user.selectOptions(screen.getByLabelText("Kind of work"), "Lát sàn");
    await page.user.type(screen.getByLabelText("Area"), "120");
    expect(screen.getByTestId("calc-pending")).toBeTruthy();
    await waitFor(() => {
      expect(screen.getByTestId("calc-total").textContent).toContain("27,000,000");
    });
    expect(screen.queryByTestId("calc-pending")).toBeNull();
    expect(page.api.calculations).toBe(1);
  });
});

describe("validation", () => {
  it("speaks on blur, with the right format, and the button follows the fields", async () => {
    const page = await openPage();
    await chooseWork(page);
    await page.user.type(screen.getByLabelText("Name"), "An");
    await page.user.click(screen.getByRole("checkbox", { name: /I agree/ }));
    const phone = screen.getByLabelText("Phone");
    await page.user.type(phone, "12");
    expect(screen.queryByTestId("error-phone")).toBeNull();
    expect(submitButton().disabled).toBe(true);
    await page.user.tab();
    expect(screen.getByTestId("error-phone").textContent).toContain("0912 345 678");
    expect(phone.getAttribute("aria-invalid")).toBe("true");
    await page.user.type(phone, "3456789");
    expect(screen.queryByTestId("error-phone")).toBeNull();
    expect(submitButton().disabled).toBe(false);
  });

  it("has no accessibility violation as first shown and with errors shown", async () => {
    const page = await openPage();
    await screen.findByRole("option", { name: "Lát sàn" });
    expect(await violations()).toEqual([]);
    for (const label of ["Kind of work", "Area", "Name", "Phone"]) {
      await page.user.click(screen.getByLabelText(label));
    }
    await page.user.tab();
    expect(screen.getAllByTestId(/^error-/)).toHaveLength(4);
    expect(await violations()).toEqual([]);
  });
});

describe("sending", () => {
  it("sends the lead as agreed and confirms it with its number and price", async () => {
    const page = await openPage();
    await fillIn(page);
    await page.user.click(submitButton());
    const heading = await confirmed();
    expect(document.activeElement).toBe(heading);
    const [seen] = page.api.seen;
    expect(seen?.body).toMatchObject({
      source: "QUOTE_FORM",
      name: "Nguyễn Văn An",
      phone: "0912 345 678",
      quote: { kind: "calculator", categoryId: id(1), area: 45.5, materialIds: [id(11)] },
      consent: { accepted: true },
      locale: "en",
      website: "",
    });
    expect(Object.keys(seen?.body ?? {})).not.toContain("email");
    expect(screen.getByTestId("lead-reference").textContent).toBe(
      [...page.api.stored.values()][0]?.answer["id"],
    );
    expect(screen.getByTestId("lead-price").textContent).toContain("10,692,500");
    expect(kept("quote")).toBeNull();
    expect(kept("quote:submission")).toBeNull();
  });

  it("makes one request of a double click", async () => {
    const page = await openPage();
    await fillIn(page);
    await page.user.dblClick(submitButton());
    await confirmed();
    expect(page.api.seen).toHaveLength(1);
  });

  it("repeats the same body under the same key with a fresh token when the answer is lost", async () => {
    const page = await openPage();
    await fillIn(page);
    page.api.fates = ["answer-lost", "lost"];
    await page.user.click(submitButton());
    expect(await screen.findByText(/No connection/)).toBeTruthy();
    expect(valueOf("Name")).toBe("Nguyễn Văn An");
    await confirmed();
    expect(page.api.seen).toHaveLength(3);
    expect(new Set(page.api.seen.map(({ key }) => key)).size).toBe(1);
    expect(new Set(page.api.seen.map(({ text }) => text)).size).toBe(1);
    expect(new Set(page.api.seen.map(({ token }) => token)).size).toBe(3);
    expect(page.api.stored.size).toBe(1);
  });

  it("takes up an unfinished submission after a reload, visibly and under its key", async () => {
    const page = await openPage();
    await fillIn(page);
    page.api.fates = [{ status: 503, code: "DATABASE_BUSY", retryAfter: "60" }];
    await page.user.click(submitButton());
    await screen.findByText(/Next try in/);
    page.reload();
    expect(screen.getByText(/was not finished when the page was closed/)).toBeTruthy();
    expect(valueOf("Name")).toBe("Nguyễn Văn An");
    await confirmed();
    expect(page.api.seen).toHaveLength(2);
    expect(page.api.seen[0]?.key).toBe(page.api.seen[1]?.key);
    expect(page.api.seen[0]?.text).toBe(page.api.seen[1]?.text);
  });

  it("says how long it waits, can be cancelled, and then keeps no contact details but the key", async () => {
    const page = await openPage();
    await fillIn(page);
    page.api.fates = [{ status: 429, code: "RATE_LIMITED", retryAfter: "40" }];
    await page.user.click(submitButton());
    expect((await screen.findByText(/Next try in/)).textContent).toMatch(/4[01] s/);
    await page.user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(screen.getByText(/Stopped/)).toBeTruthy();
    expect(JSON.stringify(window.localStorage)).not.toContain("0912");
    await page.user.click(submitButton());
    await confirmed();
    expect(page.api.seen[0]?.key).toBe(page.api.seen[1]?.key);
    expect(page.api.seen[0]?.text).toBe(page.api.seen[1]?.text);
  });

  it("stops an old version when the form is edited, and sends the new one under a new key", async () => {
    const page = await openPage();
    await fillIn(page);
    page.api.fates = [{ status: 503, code: "DATABASE_BUSY", retryAfter: "40" }];
    await page.user.click(submitButton());
    await screen.findByText(/Next try in/);
    await page.user.type(screen.getByLabelText("Name"), " Hai");
    expect(screen.getByText(/earlier version is no longer sent/)).toBeTruthy();
    await page.user.click(submitButton());
    await confirmed();
    expect(page.api.seen).toHaveLength(2);
    expect(page.api.seen[0]?.key).not.toBe(page.api.seen[1]?.key);
  });

  it("takes a new key when the server knows this one with another body", async () => {
    const page = await openPage();
    await fillIn(page);
    page.api.fates = [{ status: 422, code: "IDEMPOTENCY_KEY_REUSED" }];
    await page.user.click(submitButton());
    await confirmed();
    expect(page.api.seen[0]?.key).not.toBe(page.api.seen[1]?.key);
    expect(page.api.seen[0]?.text).toBe(page.api.seen[1]?.text);
  });

  it("shows the server's refusals at their fields and moves the focus to the first", async () => {
    const page = await openPage();
    await fillIn(page);
    const refusal = (pointer: string): { pointer: string; code: string; detail: string } => ({
      pointer,
      code: "invalid",
      detail: "no",
    });
    page.api.fates = [
      { status: 422, code: "VALIDATION_ERROR", errors: [refusal("/phone"), refusal("/quote/materialIds/0")] },
    ];
    await page.user.click(submitButton());
    const summary = await screen.findByRole("alert");
    expect(within(summary).getAllByRole("link")).toHaveLength(2);
    expect(document.activeElement).toBe(screen.getByTestId("calc-materials"));
    expect(screen.getByTestId("error-phone").textContent).toContain("cannot call");
    expect(submitButton().disabled).toBe(false);
    await page.user.type(screen.getByLabelText("Phone"), "9");
    expect(screen.queryByTestId("error-phone")).toBeNull();
  });
});

describe("what stays on the device", () => {
  it("brings the choices back with a toast, and contact details only for those who asked", async () => {
    const page = await openPage();
    await fillIn(page);
    expect(JSON.stringify(kept("quote"))).not.toMatch(/0912|Nguy/);
    page.reload();
    expect(screen.getByTestId("toast").textContent).toContain("back");
    expect(valueOf("Area")).toBe("45,5");
    expect(valueOf("Name")).toBe("");
    await page.user.type(screen.getByLabelText("Name"), "An");
    await page.user.click(screen.getByRole("checkbox", { name: "Remember me on this device" }));
    page.reload();
    expect(valueOf("Name")).toBe("An");
    await page.user.click(screen.getByRole("checkbox", { name: "Remember me on this device" }));
    expect(JSON.stringify(kept("quote"))).not.toContain("An");
    await page.user.click(screen.getByRole("button", { name: "Clear form" }));
    expect(kept("quote")).toBeNull();
    expect(valueOf("Area")).toBe("");
  });

  it("keeps the language, and tells it to the document", async () => {
    const page = await openPage();
    await page.user.click(screen.getByTestId("lang-switch"));
    expect(document.documentElement.lang).toBe("vi");
    page.reload();
    expect(screen.getByLabelText("Số điện thoại")).toBeTruthy();
    await page.user.click(screen.getByTestId("lang-switch"));
    expect(document.documentElement.lang).toBe("en");
  });
});

it("hides the trap from people and from assistive technology", async () => {
  await openPage();
  const trap = document.querySelector<HTMLInputElement>("input[name=website]");
  expect(trap?.tabIndex).toBe(-1);
  expect(trap?.autocomplete).toBe("off");
  expect(screen.queryByRole("textbox", { name: "Leave this empty" })).toBeNull();
});
