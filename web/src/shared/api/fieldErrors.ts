// What the API says about single fields of a body, by the name of the field.
import type { Language } from "@/shared/i18n/i18n";

import { ApiError } from "./client.ts";
import { said } from "./inVietnamese.ts";

/**
 * The sentences of a refusal in *language* by the first step of their pointer ("/phone" → phone); none for other
 * failures.
 */
export function fieldErrors(reason: unknown, language: Language): Record<string, string | undefined> {
  if (!(reason instanceof ApiError)) return {};
  const found: Record<string, string> = {};
  for (const { pointer, detail } of reason.problem.errors) {
    const [, name = ""] = pointer.split("/");
    if (name) found[name] ??= said(detail, language);
  }
  return found;
}
