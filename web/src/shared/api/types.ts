// The shapes that the public pages and the API agree on, by the names that the pages have for them. What the API
// knows is read off its own description; by hand stand only what a page makes of an answer (`Problem`) and of
// the site's own configuration.
import type { ItemOf, Schemas } from "./operations.ts";

/** An exact amount: decimal text with the currency's own number of minor digits. */
export type Money = Schemas["Money"];

export interface Listing<T> {
  items: T[];
  nextCursor: string | null;
}

export type ServiceCategory = ItemOf<"/service-categories">;
export type Material = ItemOf<"/materials">;
export type Product = ItemOf<"/furniture/products">;

export type CalculatorRequest = Schemas["CalculatorRequest"];
export type CalculatorQuote = Schemas["CalculatorBreakdown"];
export type FurnitureRequest = Schemas["FurnitureRequest"];
export type FurniturePrice = Schemas["FurnitureBreakdown"];

export type Touch = Schemas["Touch"];
export type Utm = Schemas["Utm"];

type NewLead = Schemas["NewLead"];

export type LeadSource = NewLead["source"];

/** What the page adds, once, at the first submit. */
export interface LeadContext {
  elapsedMs: number;
  utm?: Utm;
}

/** What the visitor decides about a lead: any difference here is another submission. */
export type LeadDraft = Omit<NewLead, keyof LeadContext | "turnstileToken">;

/**
 * The body that an Idempotency-Key belongs to; the captcha token travels beside it and may differ from try to
 * try.
 */
export type LeadBody = LeadDraft & LeadContext;

export type LeadAnswer = Schemas["LeadReceived"];

export interface FieldProblem {
  pointer: string;
  code: string;
  detail: string;
}

/** RFC 9457 problem details with Plumbline's own members, or what a proxy in between made of them. */
export interface Problem {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  correlationId?: string;
  errors: FieldProblem[];
}

export interface SiteConfig {
  apiBaseUrl: string;
  turnstileSiteKey: string;
  turnstileScriptUrl: string;
}
