// Who is signed in on this device. The access token lives in this page's memory only; the refresh token is a
// cookie that no script can read. A mark in the device's storage says that a session may exist, so that
// visitors without one cost no request, and tells the other tabs when it ends.
import type { Api } from "@/shared/api/client";
import { ApiError } from "@/shared/api/client";
import type { AnswerOf } from "@/shared/api/operations";
import { deviceStorage } from "@/shared/storage/savedState";

type SignedIn = AnswerOf<"post", "/auth/login">;
export type Person = SignedIn["user"];

export type SessionState =
  /** Not known yet, or (*failed*) not to be found out at the moment. */
  | { status: "unknown"; failed: boolean }
  | { status: "anonymous" }
  | { status: "signedIn"; person: Person; token: string };

export interface Session {
  snapshot: () => SessionState;
  subscribe: (listener: () => void) => () => void;
  /** Find out who is signed in, and follow the other tabs until the returned function is called. */
  start: () => () => void;
  /** Raises what the API refuses with. */
  signIn: (email: string, password: string) => Promise<Person>;
  /** Ends the session here at once, and on the server as soon as it hears. */
  signOut: () => Promise<void>;
  /** A new access token in place of *stale*, which was refused; null where the session is over. */
  renew: (stale: string | null) => Promise<string | null>;
  /** Forget who was signed in: the account or its session is gone. */
  forget: () => void;
}

const MARK = "plumbline:signed-in";

function mark(isSignedIn: boolean): void {
  try {
    if (isSignedIn) deviceStorage()?.setItem(MARK, "1");
    else deviceStorage()?.removeItem(MARK);
  } catch {
    // Without storage a reload asks for the password again.
  }
}

function isMarked(): boolean {
  try {
    return deviceStorage()?.getItem(MARK) === "1";
  } catch {
    return false;
  }
}

/** One tab at a time, where the browser can tell tabs apart; the server's grace covers the others. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  // Older browsers and pages without https have no locks, whatever the types say.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks ? (locks.request("plumbline:refresh", run) as Promise<T>) : run();
}

export function createSession(api: Api): Session {
  let state: SessionState = isMarked() ? { status: "unknown", failed: false } : { status: "anonymous" };
  let renewing: Promise<string | null> | null = null;
  const listeners = new Set<() => void>();

  function become(next: SessionState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  function accept({ accessToken, user }: SignedIn): string {
    mark(true);
    become({ status: "signedIn", person: user, token: accessToken });
    return accessToken;
  }

  function forget(): void {
    mark(false);
    become({ status: "anonymous" });
  }

  async function refresh(): Promise<string | null> {
    try {
      return accept(await alone(() => api.request("post", "/auth/refresh")));
    } catch (reason) {
      if (!(reason instanceof ApiError) || reason.problem.status !== 401) throw reason;
      forget();
      return null;
    }
  }

  function renew(stale: string | null): Promise<string | null> {
    if (state.status === "signedIn" && state.token !== stale) return Promise.resolve(state.token);
    if (state.status === "anonymous") return Promise.resolve(null);
    renewing ??= refresh().finally(() => {
      renewing = null;
    });
    return renewing;
  }

  function start(): () => void {
    const follow = (event: StorageEvent): void => {
      if (event.key !== MARK) return;
      if (event.newValue === null) become({ status: "anonymous" });
      else if (state.status === "anonymous") become({ status: "unknown", failed: false });
      if (event.newValue !== null && state.status === "unknown") find();
    };
    const find = (): void => {
      renew(null).catch(() => {
        if (state.status === "unknown") become({ status: "unknown", failed: true });
      });
    };
    window.addEventListener("storage", follow);
    if (state.status === "unknown") find();
    return () => {
      window.removeEventListener("storage", follow);
    };
  }

  return {
    snapshot: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start,
    signIn: async (email, password) => {
      const answer = await api.request("post", "/auth/login", { body: { email, password } });
      accept(answer);
      return answer.user;
    },
    signOut: async () => {
      forget();
      await api.request("post", "/auth/logout").catch(() => undefined);
    },
    renew,
    forget,
  };
}

/** *api* with the person's token on every call; a token that has run out is renewed once, unseen. */
export function signed(api: Api, session: Session): Api {
  async function withToken<T>(run: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const before = session.snapshot();
    // Whoever cannot be told now asks as nobody does: what is public is answered all the same.
    const token = before.status === "unknown" ? await session.renew(null).catch(() => null) : null;
    const first = before.status === "signedIn" ? before.token : token;
    const authorization = (one: string | null): Record<string, string> =>
      one === null ? {} : { Authorization: `Bearer ${one}` };
    try {
      return await run(authorization(first));
    } catch (reason) {
      if (!(reason instanceof ApiError) || reason.problem.status !== 401 || first === null) throw reason;
      const second = await session.renew(first);
      if (second === null) throw reason;
      return run(authorization(second));
    }
  }
  return {
    ...api,
    file: (path, input) =>
      withToken((headers) => api.file(path, { ...input, headers: { ...input?.headers, ...headers } })),
    request: (method, path, ...[input]) =>
      withToken((headers) =>
        // The same route with the same input: only a header more.
        (api.request as (...call: unknown[]) => Promise<never>)(method, path, {
          ...input,
          headers: { ...input?.headers, ...headers },
        }),
      ),
  };
}
