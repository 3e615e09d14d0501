// The one way to the API: JSON over fetch. A refusal is thrown as ApiError with its problem details and
// Retry-After, anything that is not an answer of the API (no network, a proxy's page, a broken body, no
// answer in time) as Unreachable. A caller's own abort passes through as it is.
import type { AnswerOf, InputOf, Method, PathOf } from "./operations.ts";
import type { FieldProblem, Problem, SiteConfig } from "./types.ts";

export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly problem: Problem,
    readonly retryAfterS: number | null,
  ) {
    super(`${problem.status} ${problem.code}`);
  }
}

export class Unreachable extends Error {
  override name = "Unreachable";
}

export interface Call<T> {
  method?: Uppercase<Method>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** Says whether a 2xx body is what was asked for: a captive portal answers 200, too. */
  accepts: (value: unknown) => value is T;
}

export interface Extra {
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

/** The input of a route; may be left out where nothing of it is required. */
export type Input<M extends Method, P extends PathOf<M>> =
  Partial<Record<string, never>> extends InputOf<M, P>
    ? [input?: Partial<InputOf<M, P>> & Extra]
    : [input: InputOf<M, P> & Extra];

/** A file, or how far the making of it is. */
export type FileAnswer = { file: Blob } | { file: null; rows: number; againAfterS: number; wait: string };

interface FileInput {
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

export interface Api {
  /**
   * Ask for a file, following the way to it. One that is still being written is told with how many rows it
   * has; ask for *wait* then.
   */
  file: (path: string, input?: FileInput) => Promise<FileAnswer>;
  call: <T>(path: string, call: Call<T>) => Promise<T>;
  /** Ask a route of `/openapi.json`: `api.request("get", "/admin/leads/{id}", { path: { id } })`. */
  request: <M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...input: Input<M, P>
  ) => Promise<AnswerOf<M, P>>;
  config: () => Promise<SiteConfig>;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Seconds until a retry is welcome, from either form of Retry-After (RFC 9110, 10.2.3); null when absent or
 * unreadable.
 */
export function retryAfterSeconds(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  const atMs = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function toProblem(status: number, value: unknown): Problem {
  const from = isRecord(value) ? value : {};
  const listed = Array.isArray(from["errors"]) ? from["errors"].filter(isRecord) : [];
  const errors: FieldProblem[] = listed.map((one) => ({
    pointer: text(one["pointer"]) ?? "",
    code: text(one["code"]) ?? "",
    detail: text(one["detail"]) ?? "",
  }));
  const problem: Problem = { status, code: text(from["code"]) ?? `HTTP_${status}`, errors };
  for (const name of ["title", "detail", "correlationId"] as const) {
    const member = text(from[name]);
    if (member !== undefined) problem[name] = member;
  }
  return problem;
}

/** The answer to *call* as *read* makes it out, with every other outcome as this module throws it. */
async function exchange<T>(
  url: URL,
  call: Omit<Call<unknown>, "accepts">,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(call.timeoutMs ?? 20_000);
  const headers: Record<string, string> = {
    Accept: "application/json, application/problem+json",
    ...call.headers,
  };
  const init: RequestInit = {
    method: call.method ?? "GET",
    headers,
    signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
    // The refresh cookie belongs to these routes alone, also where the API has a host of its own.
    credentials: url.pathname.includes("/auth/") ? "include" : "same-origin",
  };
  if (call.body !== undefined) {
    init.body = JSON.stringify(call.body);
    headers["Content-Type"] = "application/json";
  }
  try {
    const response = await fetch(url, init);
    if (response.ok) return await read(response);
    throw new ApiError(
      toProblem(response.status, await response.json().catch(() => null)),
      retryAfterSeconds(response.headers.get("Retry-After"), Date.now()),
    );
  } catch (reason) {
    if (call.signal?.aborted || reason instanceof ApiError || reason instanceof Unreachable) throw reason;
    throw new Unreachable(String(reason));
  }
}

function fetchJson<T>(url: URL, call: Call<T>): Promise<T> {
  return exchange(url, call, async (response) => {
    const value: unknown = response.status === 204 ? undefined : await response.json();
    if (call.accepts(value)) return value;
    throw new Unreachable("an answer, but not one of the API");
  });
}

const FILE_WITHIN_MS = 60_000;

async function readFile(response: Response): Promise<FileAnswer> {
  const type = response.headers.get("Content-Type") ?? "";
  if (response.status !== 202 && type.startsWith("text/csv")) return { file: await response.blob() };
  const told: unknown = response.status === 202 ? await response.json() : null;
  if (!isRecord(told)) throw new Unreachable("an answer, but not one of the API");
  const againAfterS = retryAfterSeconds(response.headers.get("Retry-After"), Date.now()) ?? 5;
  const rows = Number(told["rows"] ?? 0);
  return { file: null, rows, againAfterS, wait: `/admin/exports/${text(told["id"]) ?? ""}` };
}

interface LooseInput extends Extra {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** The address of a route with its places filled in; of the query what is there. */
export function addressOf(
  path: string,
  places: Record<string, string | number> = {},
  query: Record<string, unknown> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = places[name];
    if (value === undefined || value === "") throw new Error(`${path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const isThere = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (isThere && value !== "") asked.append(name, String(value));
  }
  return asked.size === 0 ? filled : `${filled}?${asked.toString()}`;
}

function isSiteConfig(value: unknown): value is SiteConfig {
  return (
    isRecord(value) &&
    ["apiBaseUrl", "turnstileSiteKey", "turnstileScriptUrl"].every((name) => typeof value[name] === "string")
  );
}

/**
 * The API as `/config.json` beside the pages describes it; the file is read once, and again only if reading
 * it failed.
 */
export function createApi(pageUrl: string): Api {
  let reading: Promise<SiteConfig> | null = null;
  const config = (): Promise<SiteConfig> => {
    reading ??= fetchJson(new URL("/config.json", pageUrl), { accepts: isSiteConfig }).catch(
      (reason: unknown) => {
        reading = null;
        throw reason;
      },
    );
    return reading;
  };
  const addressIn = async (path: string): Promise<URL> => {
    const base = new URL((await config()).apiBaseUrl, pageUrl).href.replace(/\/$/, "");
    return new URL(base + path);
  };
  const call = async <T>(path: string, one: Call<T>): Promise<T> => {
    const url = await addressIn(path);
    one.signal?.throwIfAborted();
    return fetchJson(url, one);
  };
  const file = async (path: string, { query, ...extra }: FileInput = {}): Promise<FileAnswer> => {
    const url = await addressIn(addressOf(path, {}, query));
    return exchange(url, { ...extra, timeoutMs: FILE_WITHIN_MS }, readFile);
  };
  return {
    config,
    call,
    file,
    request: <M extends Method, P extends PathOf<M>>(method: M, path: P, ...[input]: Input<M, P>) => {
      const { path: places, query, body, ...extra } = (input ?? {}) as LooseInput;
      return call(addressOf(path, places, query), {
        ...extra,
        method: method.toUpperCase() as Uppercase<Method>,
        body,
        accepts: (value): value is AnswerOf<M, P> => value === undefined || isRecord(value),
      });
    },
  };
}
