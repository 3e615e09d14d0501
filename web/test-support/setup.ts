// After every test: nothing on the page, nothing on the device.
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A busy machine may take its time until something is on the page; the test's own limit is behind this one.
configure({ asyncUtilTimeout: 10_000 });

afterEach(() => {
  cleanup();
  window.localStorage.clear();
});

// jsdom has the element, but not its two verbs. A real browser's focus and Escape are tested by the journeys.
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.open = false;
};

// Nor does jsdom scroll: it has no layout.
window.scrollTo = () => undefined;
