// The captcha of one form: a place for the widget, and fresh tokens for whoever submits.
import type { RefCallback } from "react";
import { useCallback, useRef } from "react";

import { useApi } from "@/shared/api/ApiContext";

import type { Captcha, CaptchaSettings } from "./turnstile.ts";
import { CaptchaUnavailable, createCaptcha } from "./turnstile.ts";

export interface FormCaptcha {
  /** Give this to the empty element that the widget may fill. */
  place: RefCallback<HTMLDivElement>;
  freshToken: (signal: AbortSignal) => Promise<string>;
}

export function useCaptcha(action: CaptchaSettings["action"], language: string): FormCaptcha {
  const api = useApi();
  const container = useRef<HTMLDivElement | null>(null);
  const captcha = useRef<Captcha | null>(null);
  const firstLanguage = useRef(language);

  const open = useCallback(async (): Promise<Captcha> => {
    const config = await api.config();
    if (!container.current) throw new CaptchaUnavailable("the form is gone");
    captcha.current ??= createCaptcha({
      container: container.current,
      scriptUrl: config.turnstileScriptUrl,
      siteKey: config.turnstileSiteKey,
      action,
      language: firstLanguage.current,
    });
    return captcha.current;
  }, [api, action]);

  const place = useCallback<RefCallback<HTMLDivElement>>(
    (element) => {
      container.current = element;
      if (element) void open().catch(() => undefined);
      return () => {
        container.current = null;
        captcha.current?.remove();
        captcha.current = null;
      };
    },
    [open],
  );
  const freshToken = useCallback(async (signal: AbortSignal) => (await open()).freshToken(signal), [open]);
  return { place, freshToken };
}
