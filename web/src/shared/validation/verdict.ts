// What the server's models would say of a body, before it is sent: the JSON pointers of all its faults.
import { NewLead } from "@/generated/schemas";

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

interface Issue {
  code?: string | undefined;
  path: readonly PropertyKey[];
  keys?: readonly string[];
}

interface Schema {
  safeParse: (body: unknown) => { error?: { issues: readonly Issue[] } | undefined };
}

/** Where *body* is not what *schema*'s model takes. */
export function faultsIn(schema: Schema, body: unknown): string[] {
  const { error } = schema.safeParse(body);
  return (error?.issues ?? []).flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? (issue.keys ?? []).map((key) => pointerTo([...issue.path, key]))
      : [pointerTo(issue.path)],
  );
}

/** Where *body* is not what `POST /leads` takes; the server may refuse more (R11: a number nobody can call). */
export function faultsOf(body: unknown): string[] {
  return faultsIn(NewLead, body);
}
