// The widget of the Turnstile stand-in: Cloudflare's documented browser API over tokens from /dev/turnstile/token.
// https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/ : implicit and explicit rendering,
// documented test sitekeys, hidden response field, expiry after 300 s. No eval, no inline script, no style attribute.
"use strict";
(() => {
  const TOKEN_LIFE_MS = 300_000;
  const RETRY_MS = 8_000;
  const DUMMY_TOKEN = "XXXX.DUMMY.TOKEN.XXXX";
  const ALWAYS_PASSES = ["1x00000000000000000000AA", "1x00000000000000000000BB", "3x00000000000000000000FF"];
  const ALWAYS_FAILS = ["2x00000000000000000000AB", "2x00000000000000000000BB"];
  const INVISIBLE = ["1x00000000000000000000BB", "2x00000000000000000000BB"];
  const INTERACTIVE = "3x00000000000000000000FF";
  const OPTIONS = [
    "sitekey", "action", "cdata", "callback", "error-callback", "expired-callback", "timeout-callback",
    "before-interactive-callback", "after-interactive-callback", "unsupported-callback", "execution", "appearance",
    "theme", "size", "language", "tabindex", "response-field", "response-field-name", "retry", "retry-interval",
    "refresh-expired",
  ];
  const WORDS = {
    en: { wait: "Verifying…", pass: "Success!", fail: "Verification failed", old: "Verification expired", ask: "Verify you are human" },
    vi: { wait: "Đang xác minh…", pass: "Thành công!", fail: "Xác minh thất bại", old: "Xác minh đã hết hạn", ask: "Xác minh bạn là con người" },
  };

  const script = document.currentScript;
  const source = new URL(script ? script.src : location.href, location.href);
  const widgets = new Map();
  let count = 0;

  function find(reference) {
    if (reference === undefined) return widgets.values().next().value;
    if (typeof reference === "string" && widgets.has(reference)) return widgets.get(reference);
    const element = typeof reference === "string" ? document.querySelector(reference) : reference;
    for (const widget of widgets.values()) if (widget.container === element) return widget;
    return undefined;
  }

  function call(widget, name, ...values) {
    const callback = widget.options[name];
    const target = typeof callback === "string" ? window[callback] : callback;
    return typeof target === "function" ? target(...values) : undefined;
  }

  function say(widget, word) {
    const wanted = widget.options.language;
    const language = (!wanted || wanted === "auto" ? document.documentElement.lang || navigator.language : wanted) || "en";
    widget.text.textContent = (WORDS[language.slice(0, 2).toLowerCase()] || WORDS.en)[word];
    widget.box.dataset.state = word;
  }

  function show(widget, hasBegun) {
    const appearance = widget.options.appearance || "always";
    const isVisible =
      !INVISIBLE.includes(widget.options.sitekey) &&
      (appearance === "always" || (appearance === "execute" && hasBegun) || widget.isInteractive);
    widget.box.style.display = isVisible ? "flex" : "none";
  }

  function draw(widget) {
    const { theme, size } = widget.options;
    const isDark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    const box = document.createElement("div");
    const width = size === "compact" ? "150px" : size === "flexible" ? "100%" : "300px";
    Object.assign(box.style, {
      boxSizing: "border-box", width, maxWidth: "100%", minHeight: size === "compact" ? "140px" : "65px", padding: "0 12px",
      alignItems: "center", gap: "8px", border: "1px solid", borderColor: isDark ? "#6d6d6d" : "#767676",
      background: isDark ? "#232323" : "#fafafa", color: isDark ? "#f2f2f2" : "#232323", font: "14px/1.4 system-ui, sans-serif",
    });
    widget.text = document.createElement("span");
    widget.text.setAttribute("role", "status");
    box.append(widget.text);
    widget.box = box;
    widget.container.append(box);
    if (String(widget.options["response-field"]) !== "false") {
      widget.field = document.createElement("input");
      widget.field.type = "hidden";
      widget.field.name = widget.options["response-field-name"] || "cf-turnstile-response";
      widget.field.id = `${widget.id}_response`;
      widget.container.append(widget.field);
    }
    show(widget, false);
  }

  function forget(widget) {
    clearTimeout(widget.timer);
    widget.run += 1;
    widget.token = undefined;
    widget.isExpired = false;
    if (widget.field) widget.field.value = "";
  }

  async function fetchToken(widget) {
    const { sitekey, action, cdata } = widget.options;
    if (ALWAYS_PASSES.includes(sitekey)) return DUMMY_TOKEN;
    if (ALWAYS_FAILS.includes(sitekey)) throw new Error("300030");
    // text/plain keeps this a simple request where the page's origin is not the script's.
    const answer = await fetch(new URL("/dev/turnstile/token", source), {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ action, cdata, hostname: location.hostname }),
    });
    if (!answer.ok) throw new Error("400020");
    return (await answer.json()).token;
  }

  async function challenge(widget) {
    forget(widget);
    const run = widget.run;
    say(widget, "wait");
    show(widget, true);
    try {
      if (widget.options.sitekey === INTERACTIVE) await click(widget);
      const token = await fetchToken(widget);
      if (run === widget.run) accept(widget, token);
    } catch (error) {
      if (run === widget.run) fail(widget, /^\d{6}$/.test(error.message) ? error.message : "300010");
    }
  }

  function click(widget) {
    say(widget, "ask");
    widget.isInteractive = true;
    show(widget, true);
    call(widget, "before-interactive-callback");
    return new Promise((resolve) => {
      const checkbox = document.createElement("input");
      checkbox.type = "checkbox";
      checkbox.tabIndex = Number(widget.options.tabindex || 0);
      checkbox.setAttribute("aria-label", widget.text.textContent);
      checkbox.addEventListener("change", () => {
        checkbox.remove();
        call(widget, "after-interactive-callback");
        resolve();
      }, { once: true });
      widget.box.prepend(checkbox);
    });
  }

  function accept(widget, token) {
    widget.token = token;
    if (widget.field) widget.field.value = token;
    say(widget, "pass");
    widget.timer = setTimeout(() => expire(widget), TOKEN_LIFE_MS);
    call(widget, "callback", token);
  }

  function expire(widget) {
    widget.isExpired = true;
    widget.token = undefined;
    if (widget.field) widget.field.value = "";
    say(widget, "old");
    call(widget, "expired-callback");
    if ((widget.options["refresh-expired"] || "auto") === "auto" && widgets.has(widget.id)) challenge(widget);
  }

  function fail(widget, code) {
    say(widget, "fail");
    const isHandled = call(widget, "error-callback", code);
    if (!isHandled) console.warn(`[Turnstile stand-in] error ${code}`);
    if (widget.options.retry !== "never" && !ALWAYS_FAILS.includes(widget.options.sitekey)) {
      widget.timer = setTimeout(() => challenge(widget), Number(widget.options["retry-interval"] || RETRY_MS));
    }
  }

  const turnstile = {
    render(container, options) {
      const element = typeof container === "string" ? document.querySelector(container) : container;
      if (!element) throw new Error(`[Turnstile stand-in] no container: ${container}`);
      const known = {};
      for (const name of OPTIONS) {
        const given = options && (options[name] ?? (name === "cdata" ? options.cData : undefined));
        const value = given ?? element.dataset[name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())];
        if (value !== undefined) known[name] = value;
      }
      if (!known.sitekey) throw new Error("[Turnstile stand-in] sitekey is required");
      const already = find(element);
      if (already) return already.id;
      count += 1;
      const widget = { id: `cf-chl-widget-${count}`, container: element, options: known, run: 0, isInteractive: false, isExpired: false };
      widgets.set(widget.id, widget);
      draw(widget);
      say(widget, "wait");
      if (known.execution !== "execute") challenge(widget);
      return widget.id;
    },
    execute(reference, options) {
      const widget = find(reference) || find(turnstile.render(reference, { ...options, execution: "execute" }));
      if (widget && !widget.token) challenge(widget);
    },
    reset(reference) {
      const widget = find(reference);
      if (!widget) return;
      forget(widget);
      if (widget.options.execution === "execute") show(widget, false);
      else challenge(widget);
    },
    remove(reference) {
      const widget = find(reference);
      if (!widget) return;
      forget(widget);
      widgets.delete(widget.id);
      widget.box.remove();
      if (widget.field) widget.field.remove();
    },
    getResponse(reference) {
      const widget = find(reference);
      return widget ? widget.token : undefined;
    },
    isExpired(reference) {
      const widget = find(reference);
      return Boolean(widget && widget.isExpired);
    },
    ready(callback) {
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", callback, { once: true });
      else callback();
    },
  };
  window.turnstile = turnstile;

  function begin() {
    if (source.searchParams.get("render") !== "explicit") {
      for (const element of document.querySelectorAll(".cf-turnstile")) turnstile.render(element, {});
    }
    const onload = window[source.searchParams.get("onload") || "onloadTurnstileCallback"];
    if (typeof onload === "function") onload();
  }
  turnstile.ready(begin);
})();
