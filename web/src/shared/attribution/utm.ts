// Where a visitor came from, first and last: localStorage["plumbline:utm"] = {first, last}. Only a page's
// address without its query is kept, and a visit that says nothing new (no campaign, no foreign referrer)
// leaves the last touch as it is.
import { isRecord } from "@/shared/api/client";
import type { Touch, Utm } from "@/shared/api/types";
import type { TextStorage } from "@/shared/storage/savedState";

const STORED_AS = "plumbline:utm";
const LONGEST = 200;
const MEMBERS = ["source", "medium", "campaign", "term", "content", "referrer", "landingPage"] as const;

function withoutQuery(address: string): string {
  try {
    const url = new URL(address);
    return url.origin + url.pathname;
  } catch {
    return "";
  }
}

/** What this page load says about where the visitor came from. */
export function touchOf(pageUrl: string, referrer: string): Touch {
  const page = new URL(pageUrl);
  const foreign = withoutQuery(referrer);
  const said: Record<string, string | null> = {
    source: page.searchParams.get("utm_source"),
    medium: page.searchParams.get("utm_medium"),
    campaign: page.searchParams.get("utm_campaign"),
    term: page.searchParams.get("utm_term"),
    content: page.searchParams.get("utm_content"),
    referrer: foreign.startsWith(page.origin) ? null : foreign,
    landingPage: withoutQuery(pageUrl),
  };
  return readTouch(said);
}

function readTouch(value: unknown): Touch {
  const touch: Touch = {};
  if (!isRecord(value)) return touch;
  for (const member of MEMBERS) {
    const text = value[member];
    if (typeof text === "string" && text.trim() !== "") touch[member] = text.trim().slice(0, LONGEST);
  }
  return touch;
}

/** First and last touch after one more page load; kept in *storage* for the visits to come. */
export function rememberTouch(storage: TextStorage | null, pageUrl: string, referrer: string): Utm {
  const now = touchOf(pageUrl, referrer);
  let known: unknown = null;
  try {
    known = JSON.parse(storage?.getItem(STORED_AS) ?? "null");
  } catch {
    // Unreadable is unknown.
  }
  const before = isRecord(known) ? known : {};
  const first = readTouch(before["first"]);
  const last = readTouch(before["last"]);
  const isNews = Object.keys(now).some((member) => member !== "landingPage");
  const utm: Utm = {
    first: Object.keys(first).length > 0 ? first : now,
    last: isNews || Object.keys(last).length === 0 ? now : last,
  };
  try {
    storage?.setItem(STORED_AS, JSON.stringify(utm));
  } catch {
    // Not kept: the next visit is a first one again.
  }
  return utm;
}
