// Cloudflare's Turnstile widget, rendered explicitly
// (https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/). A token is handed out
// once and only while it is young; the next asker waits for a new one. A widget that cannot be loaded or
// answers with an error rejects the asker and is tried afresh for the next.
interface WidgetOptions {
  sitekey: string;
  action: string;
  language: string;
  size: "flexible";
  "response-field": boolean;
  callback: (token: string) => void;
  "expired-callback": () => void;
  "error-callback": (code?: string) => boolean;
}

export interface TurnstileScript {
  render: (container: HTMLElement, options: WidgetOptions) => string | null | undefined;
  reset: (widgetId: string) => void;
  remove: (widgetId: string) => void;
}

declare global {
  interface Window {
    turnstile?: TurnstileScript;
  }
}

export interface CaptchaSettings {
  container: HTMLElement;
  scriptUrl: string;
  siteKey: string;
  action: "lead" | "signup";
  language: string;
}

export interface Captcha {
  /**
   * A token nobody has been given before; rejects when the widget fails, the *signal* is aborted, or a minute
   * has passed.
   */
  freshToken: (signal: AbortSignal) => Promise<string>;
  remove: () => void;
}

export class CaptchaUnavailable extends Error {
  override name = "CaptchaUnavailable";
}

const TOKEN_LIFE_MS = 280_000; // Cloudflare's are good for 300 s
const PATIENCE_MS = 60_000; // a person may have to tick a box

let loading: Promise<TurnstileScript> | null = null;

function loadScript(scriptUrl: string): Promise<TurnstileScript> {
  if (window.turnstile) return Promise.resolve(window.turnstile);
  loading ??= new Promise<TurnstileScript>((resolve, reject) => {
    const script = document.createElement("script");
    const url = new URL(scriptUrl, document.baseURI);
    url.searchParams.set("render", "explicit");
    script.src = url.href;
    script.async = true;
    script.onload = () => {
      if (window.turnstile) resolve(window.turnstile);
      else script.onerror?.("no widget in the script");
    };
    script.onerror = () => {
      script.remove();
      loading = null;
      reject(new CaptchaUnavailable("the widget's script cannot be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

interface Asker {
  resolve: (token: string) => void;
  reject: (reason: Error) => void;
}

/** Load the script, render the widget into the container, and hand out its tokens. */
export function createCaptcha(settings: CaptchaSettings): Captcha {
  let script: TurnstileScript | null = null;
  let widgetId: string | null = null;
  let token: { value: string; atMs: number } | null = null;
  let exhausted = false; // the widget shows the success or the error of a token that is gone
  let removed = false;
  const askers = new Set<Asker>();

  function failAll(): void {
    const reason = new CaptchaUnavailable("the widget reports an error");
    for (const asker of askers) asker.reject(reason);
    askers.clear();
  }

  function serve(): void {
    if (!token) return;
    if (Date.now() - token.atMs > TOKEN_LIFE_MS) {
      token = null;
      exhausted = true;
      return;
    }
    const [next] = askers;
    if (!next) return;
    askers.delete(next);
    next.resolve(token.value);
    token = null;
    exhausted = true;
  }

  async function render(): Promise<void> {
    script = await loadScript(settings.scriptUrl);
    if (removed || widgetId !== null) return;
    widgetId =
      script.render(settings.container, {
        sitekey: settings.siteKey,
        action: settings.action,
        language: settings.language,
        size: "flexible",
        "response-field": false,
        callback: (value) => {
          token = { value, atMs: Date.now() };
          exhausted = false;
          serve();
        },
        "expired-callback": () => {
          token = null;
          exhausted = true;
        },
        "error-callback": () => {
          exhausted = true;
          failAll();
          return true;
        },
      }) ?? null;
    if (widgetId === null) throw new CaptchaUnavailable("the widget cannot be rendered");
  }

  function ask(signal: AbortSignal): Promise<string> {
    return new Promise<string>((resolve, reject) => {
      const asker: Asker = { resolve, reject };
      const give = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
      give.addEventListener("abort", () => {
        askers.delete(asker);
        reject(new CaptchaUnavailable("no token in time"));
      });
      askers.add(asker);
      serve();
      if (exhausted && askers.size > 0 && widgetId !== null) {
        exhausted = false;
        script?.reset(widgetId);
      }
    });
  }

  // Shown before anybody asks, so that the check is usually over by the time of the submit.
  void render().catch(() => undefined);
  return {
    freshToken: async (signal) => {
      if (widgetId === null) await render();
      signal.throwIfAborted();
      return ask(signal);
    },
    remove: () => {
      removed = true;
      if (widgetId !== null) script?.remove(widgetId);
      widgetId = null;
      failAll();
    },
  };
}
