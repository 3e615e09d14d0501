// What the API says about single fields of a body, by the name of the field.
import { ApiError } from "./client.ts";

/** The sentences of a refusal by the first step of their pointer ("/phone" → phone); none for other failures. */
export function fieldErrors(reason: unknown): Record<string, string | undefined> {
  if (!(reason instanceof ApiError)) return {};
  const found: Record<string, string> = {};
  for (const { pointer, detail } of reason.problem.errors) {
    const [, name = ""] = pointer.split("/");
    if (name) found[name] ??= detail;
  }
  return found;
}
