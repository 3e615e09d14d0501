// The API, from memory: the routes that the pages use, with the rules that the pages rely on (idempotency by
// body without the captcha token, single-use tokens, problem+json, Retry-After). For tests over a real port
// and for looking at the built pages.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { CATEGORIES, furniturePriceOf, MATERIALS, priceOf, PRODUCTS } from "./catalogue.ts";

/**
 * How the next POST /leads goes: `lost` breaks the connection before the work, `answer-lost` after it; else a
 * refusal.
 */
export type Fate =
  | "lost"
  | "answer-lost"
  | {
      status: number;
      code: string;
      retryAfter?: string;
      errors?: { pointer: string; code: string; detail: string }[];
    };

export interface SeenLead {
  key: string | null;
  token: string;
  /** The body as it came, without the captcha token. */
  body: Record<string, unknown>;
  text: string;
}

export interface FakeApi {
  /** Answers the request and says true, or leaves it alone. */
  handle: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** What POST /leads does with the requests to come, in order; then all is well again. */
  fates: Fate[];
  /** Every POST /leads that arrived, also those that got no answer. */
  seen: SeenLead[];
  /** The leads that were stored, by Idempotency-Key. */
  stored: Map<string, { text: string; answer: Record<string, unknown> }>;
  calculations: number;
  /** How long every answer takes. */
  delayMs: number;
}

function send(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const type = status < 400 ? "application/json" : "application/problem+json";
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store", ...headers });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, fate: Exclude<Fate, string>): void {
  const { status, code, retryAfter, errors = [] } = fate;
  const problem = {
    type: `/problems/${code}`,
    title: code,
    status,
    detail: code,
    code,
    correlationId: "corr-1",
    errors,
  };
  send(response, status, problem, retryAfter === undefined ? {} : { "Retry-After": retryAfter });
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString("utf8")) as Record<string, unknown>;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** What the server adds to its answer where a quote was asked for. */
function quoted(quote: unknown): { quote?: Record<string, unknown> } {
  if (typeof quote !== "object" || quote === null) return {};
  return { quote: "items" in quote ? furniturePriceOf(quote) : priceOf(quote) };
}

/** A widget script that behaves like Turnstile's and asks nobody anything; its tokens pass once. */
export const WIDGET_SCRIPT = `
(() => {
  const widgets = new Map();
  let count = 0;
  const challenge = (id) => setTimeout(() => {
    const widget = widgets.get(id);
    if (!widget) return;
    widget.box.textContent = "\\u2713 Stand-in security check";
    widget.options.callback("token-" + crypto.getRandomValues(new Uint32Array(2)).join("-"));
  }, 150);
  window.turnstile = {
    render(container, options) {
      const id = "w" + (count += 1);
      const box = document.createElement("div");
      box.className = "turnstile-stand-in";
      box.textContent = "Stand-in security check \\u2026";
      container.append(box);
      widgets.set(id, { box, options });
      challenge(id);
      return id;
    },
    reset(id) { challenge(id); },
    remove(id) { widgets.get(id)?.box.remove(); widgets.delete(id); },
  };
})();
`;

export function createFakeApi(options: { delayMs?: number } = {}): FakeApi {
  const spent = new Set<string>();
  const api: FakeApi = {
    handle,
    fates: [],
    seen: [],
    stored: new Map(),
    calculations: 0,
    delayMs: options.delayMs ?? 0,
  };

  async function lead(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { turnstileToken, ...body } = await bodyOf(request);
    const key = request.headers["idempotency-key"];
    const seen: SeenLead = {
      key: typeof key === "string" ? key : null,
      token: String(turnstileToken),
      body,
      text: canonical(body),
    };
    api.seen.push(seen);
    const fate = api.fates.shift();
    if (fate === "lost") {
      response.destroy();
      return;
    }
    if (typeof fate === "object") {
      refuse(response, fate);
      return;
    }
    const known = seen.key === null ? undefined : api.stored.get(seen.key);
    if (known && known.text !== seen.text) {
      refuse(response, { status: 422, code: "IDEMPOTENCY_KEY_REUSED" });
      return;
    }
    if (!known && spent.has(seen.token)) {
      refuse(response, { status: 400, code: "CAPTCHA_FAILED" });
      return;
    }
    spent.add(seen.token);
    const answer = known?.answer ?? { id: randomUUID(), status: "RECEIVED", ...quoted(body["quote"]) };
    if (seen.key !== null) api.stored.set(seen.key, { text: seen.text, answer });
    if (fate === "answer-lost") response.destroy();
    else send(response, 201, answer, known ? { "Idempotency-Replayed": "true" } : {});
  }

  async function route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (api.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, api.delayMs));
    switch (`${request.method ?? ""} ${url.pathname}`) {
      case "GET /config.json":
        send(response, 200, {
          apiBaseUrl: "/api",
          turnstileSiteKey: "stand-in",
          turnstileScriptUrl: "/dev/turnstile/api.js",
        });
        return;
      case "GET /dev/turnstile/api.js":
        response.writeHead(200, { "Content-Type": "text/javascript" }).end(WIDGET_SCRIPT);
        return;
      case "GET /api/service-categories":
        send(response, 200, { items: CATEGORIES, nextCursor: null });
        return;
      case "GET /api/materials": {
        const categoryId = url.searchParams.get("categoryId");
        send(response, 200, {
          items: MATERIALS.filter((one) => one.categoryId === categoryId),
          nextCursor: null,
        });
        return;
      }
      case "POST /api/quotes/calculate":
        api.calculations += 1;
        send(response, 200, priceOf(await bodyOf(request)));
        return;
      case "GET /api/furniture/products":
        send(response, 200, { items: PRODUCTS, nextCursor: null });
        return;
      case "POST /api/furniture-quotes/calculate":
        api.calculations += 1;
        send(response, 200, furniturePriceOf(await bodyOf(request)));
        return;
      case "POST /api/leads":
        await lead(request, response);
        return;
      case "POST /dev/fates": // what the next leads meet, while looking at the pages: {"fates": [...]}
        api.fates = (await bodyOf(request))["fates"] as Fate[];
        send(response, 200, {});
        return;
      default:
        refuse(response, { status: 404, code: "NOT_FOUND" });
    }
  }

  function handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (!/^\/(api|dev|config\.json)(\/|$)/.test(url.pathname)) return false;
    route(request, response, url).catch((reason: unknown) => {
      if (!response.headersSent) refuse(response, { status: 400, code: String(reason) });
    });
    return true;
  }

  return api;
}
