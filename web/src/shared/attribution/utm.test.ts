import { expect, it } from "vitest";

import { rememberTouch, touchOf } from "./utm.ts";

const PAGE = "https://plumbline.test/";

it("keeps the first touch for good and the last one until there is news", () => {
  const storage = window.localStorage;
  const first = rememberTouch(
    storage,
    `${PAGE}?utm_source=zalo&utm_campaign=tet&secret=1`,
    "https://zalo.me/group?x=1",
  );
  expect(first.first).toEqual({
    source: "zalo",
    campaign: "tet",
    referrer: "https://zalo.me/group",
    landingPage: PAGE,
  });
  expect(rememberTouch(storage, PAGE, `${PAGE}about`)).toEqual(first);
  const later = rememberTouch(storage, `${PAGE}?utm_source=mail`, "");
  expect(later).toEqual({ first: first.first, last: { source: "mail", landingPage: PAGE } });
});

it("survives a forbidden, a broken and a scribbled storage", () => {
  expect(rememberTouch(null, PAGE, "").first).toEqual({ landingPage: PAGE });
  window.localStorage.setItem("plumbline:utm", '{"first": 7, "last": {"source": {}, "medium": "m"}}');
  expect(rememberTouch(window.localStorage, PAGE, "not an address")).toEqual({
    first: { landingPage: PAGE },
    last: { medium: "m" },
  });
});

it("cuts what is too long", () => {
  expect(touchOf(`${PAGE}?utm_term=${"x".repeat(500)}`, "").term).toHaveLength(200);
});
