import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import type { Person } from "@/shared/session/session";
import { openAt, signedInAs } from "@test/openAt";
import { refusal } from "@test/serve";

import { pageAfterSignIn } from "./next.ts";

const person = (role: Person["role"]): Person => ({ id: "1", email: "a@b.vn", name: "A", role });

describe("after signing in", () => {
  it.each([
    ["/account", "/account"],
    ["/admin/leads?status=NEW", "/admin/leads?status=NEW"],
    ["https://evil.example/", "/admin"],
    ["//evil.example/", "/admin"],
    ["/\\evil.example/", "/admin"],
    ["/\t/evil.example/", "/admin"],
    ["javascript:alert(1)", "/admin"],
    ["/login", "/admin"],
    [null, "/admin"],
  ])("%s leads to %s", (next, expected) => {
    expect(pageAfterSignIn(next, person("MANAGER"), "https://plumbline.test")).toBe(expected);
  });

  it("those who are no staff find their account", () => {
    expect(pageAfterSignIn(null, person("HOMEOWNER"), "https://plumbline.test")).toBe("/account");
  });
});

describe("sign-in", () => {
  it("says the same of every wrong pair, keeps the address, and lets in with the right one", async () => {
    let calls = 0;
    const page = await openAt("/login?next=/account", {
      "POST /auth/login": () => ((calls += 1) === 1 ? refusal(401, "UNAUTHENTICATED") : signedInAs("HOMEOWNER")),
      "GET /me": () => ({ status: 503, ...refusal(503, "DATABASE_BUSY") }),
    });
    const submit = await screen.findByRole("button", { name: "Sign in" });
    expect((submit as HTMLButtonElement).disabled).toBe(true);
    await page.user.type(screen.getByLabelText("E-mail"), " hoa@example.com ");
    await page.user.type(screen.getByLabelText("Password"), "wrong");
    await page.user.click(submit);
    expect((await screen.findByRole("alert")).textContent).toContain("not right");
    await page.user.type(screen.getByLabelText("Password"), " no more");
    await page.user.click(submit);
    await waitFor(() => {
      expect(window.location.pathname).toBe("/account");
    });
    const sent = page.asked.filter(({ path }) => path === "/auth/login").map(({ body }) => body);
    expect(sent[1]).toEqual({ email: "hoa@example.com", password: "wrong no more" });
  });

  it("says how long to wait after too many tries", async () => {
    const page = await openAt("/login", {
      "POST /auth/login": () => ({
        ...refusal(429, "RATE_LIMITED"),
        headers: { "Content-Type": "application/problem+json", "Retry-After": "840" },
      }),
    });
    await page.user.type(await screen.findByLabelText("E-mail"), "hoa@example.com");
    await page.user.type(screen.getByLabelText("Password"), "x");
    await page.user.click(screen.getByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toContain("840 s");
  });

  it("shows the password only when asked to", async () => {
    const page = await openAt("/login", {});
    const password = await screen.findByLabelText<HTMLInputElement>("Password");
    expect(password.type).toBe("password");
    await page.user.click(screen.getByRole("checkbox", { name: "Show password" }));
    expect(screen.getByLabelText<HTMLInputElement>("Password").type).toBe("text");
  });
});

describe("a link from a mail", () => {
  it("confirms once, and is explained when it is no longer good", async () => {
    await openAt("/verify?token=spent", { "POST /auth/verify": () => refusal(422, "VALIDATION_ERROR") });
    expect((await screen.findByRole("alert")).textContent).toContain("no longer good");
    expect(screen.getByRole("link", { name: /new link/ }).getAttribute("href")).toBe("/register");
  });

  it("is not blamed for a database that is busy", async () => {
    const page = await openAt("/verify?token=good", { "POST /auth/verify": () => refusal(503, "DATABASE_BUSY") });
    expect((await screen.findByRole("alert")).textContent).toContain("very busy");
    expect(page.asked.map(({ path }) => path)).toEqual(["/auth/verify"]);
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });

  it("sets a new password, and shows a refused one at its field", async () => {
    let calls = 0;
    const errors = [{ pointer: "/password", code: "common", detail: "This password is too common." }];
    const page = await openAt("/reset?token=t", {
      "POST /auth/password-reset/confirm": () =>
        (calls += 1) === 1 ? refusal(422, "VALIDATION_ERROR", { errors }) : { status: 204 },
    });
    await page.user.type(await screen.findByLabelText("New password"), "password1");
    await page.user.click(screen.getByRole("button", { name: "Set password" }));
    expect((await screen.findByTestId("error-password")).textContent).toContain("too common");
    await page.user.type(screen.getByLabelText("New password"), " and three words more");
    await page.user.click(screen.getByRole("button", { name: "Set password" }));
    expect(await screen.findByText(/new password is set/)).toBeTruthy();
  });
});
