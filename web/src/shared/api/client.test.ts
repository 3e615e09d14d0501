import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";

import type { Api } from "./client.ts";
import { ApiError, createApi, isRecord, retryAfterSeconds, Unreachable } from "./client.ts";

async function apiAgainst(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Api> {
  const server = createServer((request, response) => {
    if (request.url === "/config.json") {
      response.end(
        JSON.stringify({ apiBaseUrl: "/api/", turnstileSiteKey: "k", turnstileScriptUrl: "/s.js" }),
      );
    } else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return createApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}/page`);
}

const call = (api: Api, timeoutMs = 2000): Promise<unknown> =>
  api.call("/things", { accepts: isRecord, timeoutMs });

it("finds the API where config.json says it is", async () => {
  const api = await apiAgainst((request, response) => response.end(JSON.stringify({ path: request.url })));
  expect(await call(api)).toEqual({ path: "/api/things" });
});

it("throws a refusal with its problem details and Retry-After", async () => {
  const api = await apiAgainst((_request, response) => {
    response.writeHead(429, { "Retry-After": "7", "Content-Type": "application/problem+json" });
    response.end(
      JSON.stringify({ code: "RATE_LIMITED", correlationId: "c", errors: [{ pointer: "/a", code: "b" }, 5] }),
    );
  });
  const reason: unknown = await call(api).catch((caught: unknown) => caught);
  expect(reason).toBeInstanceOf(ApiError);
  expect(reason).toMatchObject({
    retryAfterS: 7,
    problem: { status: 429, code: "RATE_LIMITED", correlationId: "c" },
  });
  expect((reason as ApiError).problem.errors).toEqual([{ pointer: "/a", code: "b", detail: "" }]);
});

it("throws a refusal also when a proxy wrote it as a page", async () => {
  const api = await apiAgainst((_request, response) => response.writeHead(502).end("<h1>Bad gateway</h1>"));
  await expect(call(api)).rejects.toMatchObject({ problem: { status: 502, code: "HTTP_502", errors: [] } });
});

it.each([
  ["a portal's page", (response: ServerResponse) => response.end("<h1>Please log in</h1>")],
  ["JSON of another shape", (response: ServerResponse) => response.end("[]")],
  ["a broken connection", (response: ServerResponse) => response.destroy()],
  ["silence", () => undefined],
])("takes %s for no answer", async (_name, answer) => {
  const api = await apiAgainst((_request, response) => {
    answer(response);
  });
  await expect(call(api, 300)).rejects.toBeInstanceOf(Unreachable);
});

it("reads both forms of Retry-After and nothing else", () => {
  const nowMs = Date.parse("2025-11-22T10:00:00Z");
  expect(retryAfterSeconds("Sat, 22 Nov 2025 10:00:30 GMT", nowMs)).toBe(30);
  expect(retryAfterSeconds("Sat, 22 Nov 2025 09:00:00 GMT", nowMs)).toBe(0);
  expect(retryAfterSeconds(" 12 ", nowMs)).toBe(12);
  expect(retryAfterSeconds(null, nowMs)).toBeNull();
  fc.assert(
    fc.property(fc.string(), (header) => {
      const seconds = retryAfterSeconds(header, nowMs);
      expect(seconds === null || (Number.isFinite(seconds) && seconds >= 0)).toBe(true);
    }),
  );
});
