// The language of the page: chosen once, kept on the device, told to assistive technology by <html lang>.
import type { ReactElement, ReactNode } from "react";
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";

import type { Money } from "@/shared/api/types";
import { deviceStorage } from "@/shared/storage/savedState";

import type { MessageKey } from "./en.ts";
import { en } from "./en.ts";
import { vi } from "./vi.ts";

export type Language = "en" | "vi";
export type Translate = (key: MessageKey, values?: Record<string, string | number>) => string;

export interface I18n {
  language: Language;
  t: Translate;
  money: (value: Money) => string;
  /** A time (RFC 3339) as day and minute where the reader is. */
  time: (iso: string) => string;
  /** The same to the second, for what is over within a minute. */
  second: (iso: string) => string;
  number: (value: number, options?: Intl.NumberFormatOptions) => string;
  switchLanguage: () => void;
}

/** The sentences of a feature, in both languages by the same names. */
export interface Messages<K extends string> {
  en: Record<K, string>;
  vi: Record<K, string>;
}

const STORED_AS = "plumbline:lang";
const DICTIONARIES: Record<Language, Record<MessageKey, string>> = { en, vi };
const LOCALES: Record<Language, string> = { en: "en-GB", vi: "vi-VN" };

/** The language kept on this device, else the browser's if it is one of ours, else English. */
export function firstLanguage(): Language {
  let stored: string | null = null;
  try {
    stored = deviceStorage()?.getItem(STORED_AS) ?? null;
  } catch {
    // A forbidden storage keeps no language.
  }
  if (stored === "en" || stored === "vi") return stored;
  const known = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return known.find((tag) => tag === "vi" || tag === "en") === "vi" ? "vi" : "en";
}

/** Money as it is written in the language; the amount stays text, so no digit is lost. */
export function formatMoney(value: Money, language: Language): string {
  const format = new Intl.NumberFormat(LOCALES[language], {
    style: "currency",
    currency: value.currency,
    currencyDisplay: "narrowSymbol",
  });
  return format.format(value.amount as Intl.StringNumericLiteral);
}

function fill(sentence: string, values: Record<string, string | number> = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const I18nContext = createContext<I18n | null>(null);

export function useI18n(): I18n {
  const i18n = useContext(I18nContext);
  if (!i18n) throw new Error("useI18n needs an I18nProvider around it");
  return i18n;
}

export function I18nProvider({ children }: { children: ReactNode }): ReactElement {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const i18n = useMemo<I18n>(
    () => ({
      language,
      t: (key, values) => fill(DICTIONARIES[language][key], values),
      money: (value) => formatMoney(value, language),
      time: (iso) =>
        new Date(iso).toLocaleString(LOCALES[language], { dateStyle: "medium", timeStyle: "short" }),
      second: (iso) =>
        new Date(iso).toLocaleString(LOCALES[language], { dateStyle: "medium", timeStyle: "medium" }),
      number: (value, options) => value.toLocaleString(LOCALES[language], options),
      switchLanguage: () => {
        const next = language === "en" ? "vi" : "en";
        setLanguage(next);
        try {
          deviceStorage()?.setItem(STORED_AS, next);
        } catch {
          // The page is in the chosen language all the same.
        }
      },
    }),
    [language],
  );
  return <I18nContext value={i18n}>{children}</I18nContext>;
}

/**
 * The sentences of one feature in the language of the page. A page that is loaded later brings its own, so
 * that visitors do not wait for the desk's.
 */
export function useMessages<K extends string>(
  messages: Messages<K>,
): (key: K, values?: Record<string, string | number>) => string {
  const { language } = useI18n();
  return useCallback((key, values) => fill(messages[language][key], values), [messages, language]);
}

/** Say what page this is, to the window and to assistive technology. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title.includes("Plumbline") ? title : `${title} · Plumbline`;
  }, [title]);
}
