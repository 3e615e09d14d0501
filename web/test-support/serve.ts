// An API of a test's own on a real port: the routes that the test names, and nothing else.
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";

import { onTestFinished } from "vitest";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: unknown;
}

export interface Answered {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** By method and address below the API, "GET /admin/circuits"; what it gives without a status is a 200. */
export type Routes = Record<string, (asked: Asked) => Answered | Promise<Answered>>;

export interface Served {
  url: string;
  /** Every call that arrived, in order. */
  asked: Asked[];
}

/** An answer as the API refuses. */
export function refusal(status: number, code: string, more: Record<string, unknown> = {}): Answered {
  const body = { type: `/problems/${code}`, title: code, status, detail: code, code, correlationId: "c-1" };
  return {
    status,
    body: { ...body, ...more },
    headers: { "Content-Type": "application/problem+json" },
  };
}

async function read(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

const CONFIG = { apiBaseUrl: "/api", turnstileSiteKey: "key", turnstileScriptUrl: "/turnstile.js" };

/** Serve *routes* until the test is over. */
export async function serve(routes: Routes): Promise<Served> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const method = request.method ?? "GET";
    void (async () => {
      const one: Asked = {
        method,
        path: url.pathname.replace(/^\/api/, ""),
        query: url.searchParams,
        headers: request.headers,
        body: await read(request),
      };
      const route = routes[`${method} ${one.path}`];
      if (url.pathname.startsWith("/api/")) asked.push(one);
      const known = url.pathname === "/config.json" ? { body: CONFIG } : await route?.(one);
      const { status = 200, body, headers } = known ?? refusal(404, "NOT_FOUND");
      response.writeHead(status, { "Content-Type": "application/json", ...headers });
      response.end(body === undefined ? "" : JSON.stringify(body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
