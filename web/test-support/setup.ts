// After every test: nothing on the page, nothing on the device.
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

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
