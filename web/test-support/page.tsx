// Opens the whole page against an API of its own on a real port, as a browser would: configuration, widget,
// storage, reload.
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";

import { render } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { userEvent } from "@testing-library/user-event";
import { onTestFinished } from "vitest";

import { App } from "@/app/App";
import type { TurnstileScript } from "@/shared/turnstile/turnstile";

import type { FakeApi } from "./fakeApi.ts";
import { createFakeApi } from "./fakeApi.ts";

declare global {
  var jsdom: { reconfigure: (settings: { url: string }) => void };
}

export interface OpenPage {
  api: FakeApi;
  user: UserEvent;
  /** Close the page and open it again; the device's storage stays. */
  reload: () => void;
}

/** A widget whose tokens are counted: t1, t2, … Each appears a moment after rendering or resetting. */
function widget(): TurnstileScript {
  let count = 0;
  const callbacks = new Map<string, (token: string) => void>();
  const challenge = (id: string): void => {
    setTimeout(() => callbacks.get(id)?.(`t${(count += 1)}`), 1);
  };
  return {
    render: (_container, options) => {
      const id = `w${callbacks.size}`;
      callbacks.set(id, options.callback);
      challenge(id);
      return id;
    },
    reset: challenge,
    remove: (id) => callbacks.delete(id),
  };
}

export async function openPage(language: "en" | "vi" = "en"): Promise<OpenPage> {
  const api = createFakeApi();
  const server = createServer((request, response) => {
    if (!api.handle(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  globalThis.jsdom.reconfigure({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  window.localStorage.setItem("plumbline:lang", language);
  window.turnstile = widget();
  let page = render(<App />);
  return {
    api,
    user: userEvent.setup(),
    reload: () => {
      page.unmount();
      page = render(<App />);
    },
  };
}
