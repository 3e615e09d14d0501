import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { Captcha, TurnstileScript } from "./turnstile.ts";
import { CaptchaUnavailable, createCaptcha } from "./turnstile.ts";

type Options = Parameters<TurnstileScript["render"]>[1];

let options: Options;
let resets: number;
let captcha: Captcha;
const never = new AbortController().signal;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  resets = 0;
  window.turnstile = {
    render: (_container, given) => {
      options = given;
      return "w";
    },
    reset: () => {
      resets += 1;
    },
    remove: () => undefined,
  };
  const container = document.createElement("div");
  captcha = createCaptcha({
    container,
    scriptUrl: "/api.js",
    siteKey: "key",
    action: "lead",
    language: "vi",
  });
  await Promise.resolve();
  await Promise.resolve();
});

afterEach(() => {
  vi.useRealTimers();
});

it("renders with site key and action, and hands a waiting token out at once", async () => {
  expect(options).toMatchObject({ sitekey: "key", action: "lead", language: "vi" });
  options.callback("t1");
  expect(await captcha.freshToken(never)).toBe("t1");
  expect(resets).toBe(0);
});

it("gives every asker a token of its own", async () => {
  options.callback("t1");
  expect(await captcha.freshToken(never)).toBe("t1");
  const second = captcha.freshToken(never);
  await vi.waitFor(() => {
    expect(resets).toBe(1);
  });
  options.callback("t2");
  expect(await second).toBe("t2");
});

it.each(["expired by itself", "too old by our clock"])(
  "fetches a new token when the old one is %s",
  async (how) => {
    options.callback("old");
    if (how === "expired by itself") options["expired-callback"]();
    else vi.setSystemTime(Date.now() + 290_000);
    const fresh = captcha.freshToken(never);
    await vi.waitFor(() => {
      expect(resets).toBe(1);
    });
    options.callback("new");
    expect(await fresh).toBe("new");
  },
);

it("rejects when the widget fails, and starts it afresh for the next asker", async () => {
  const failed = captcha.freshToken(never);
  await Promise.resolve();
  options["error-callback"]("300010");
  await expect(failed).rejects.toBeInstanceOf(CaptchaUnavailable);
  const next = captcha.freshToken(never);
  await vi.waitFor(() => {
    expect(resets).toBe(1);
  });
  options.callback("t2");
  expect(await next).toBe("t2");
});

it("forgets an asker who has gone", async () => {
  const gone = new AbortController();
  const asked = captcha.freshToken(gone.signal);
  await Promise.resolve();
  gone.abort();
  await expect(asked).rejects.toBeInstanceOf(Error);
  options.callback("t1");
  expect(await captcha.freshToken(never)).toBe("t1");
});
