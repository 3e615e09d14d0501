// What the server's model would say of a lead's body, before it is sent: the JSON pointers of all its faults.
import { NewLead } from "@/generated/schemas";

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Where *body* is not what `POST /leads` takes; the server may refuse more (R11: a number nobody can call). */
export function faultsOf(body: unknown): string[] {
  const { error } = NewLead.safeParse(body);
  return (error?.issues ?? []).flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => pointerTo([...issue.path, key]))
      : [pointerTo(issue.path)],
  );
}
