// The shapes that the pages and the API agree on. Written by hand for the first page; `/openapi.json` is
// where they come from.

/** An exact amount: decimal text with the currency's own number of minor digits. */
export interface Money {
  amount: string;
  currency: string;
}

export interface Listing<T> {
  items: T[];
  nextCursor: string | null;
}

export interface ServiceCategory {
  id: string;
  name: string;
  description?: string | null;
  coefficient: number | string;
}

export type MaterialUnit = "m2" | "piece" | "m" | "set";

export interface Material {
  id: string;
  name: string;
  unit: MaterialUnit;
  price: Money;
  categoryId?: string | null;
}

export interface CalculatorRequest {
  categoryId: string;
  area: number;
  materialIds: string[];
}

export interface CalculatorQuote {
  category: { id: string; name: string; coefficient: number | string };
  area: number | string;
  basePrice: Money;
  priceWithCoefficient: Money;
  materials: { id: string; name: string; price: Money; cost: Money }[];
  materialsTotal: Money;
  total: Money;
}

export interface Touch {
  source?: string;
  medium?: string;
  campaign?: string;
  term?: string;
  content?: string;
  referrer?: string;
  landingPage?: string;
}

export interface Utm {
  first?: Touch;
  last?: Touch;
}

export interface FurnitureItem {
  productId: string;
  length: number;
  width?: number;
  quantity: number;
  fitIn: boolean;
}

export interface FurnitureRequest {
  items: FurnitureItem[];
}

export type LeadSource = "QUOTE_FORM" | "FURNITURE_QUOTE" | "CONTACT_FORM";
export type LeadQuote = ({ kind: "calculator" } & CalculatorRequest) | ({ kind: "furniture" } & FurnitureRequest);

/** What the visitor decides about a lead: any difference here is another submission. */
export interface LeadDraft {
  source: LeadSource;
  name: string;
  phone: string;
  email?: string;
  content?: string;
  quote?: LeadQuote;
  consent: { version: string; accepted: true };
  locale: "en" | "vi";
  website: string;
}

/** What the page adds, once, at the first submit. */
export interface LeadContext {
  elapsedMs: number;
  utm?: Utm;
}

/**
 * The body that an Idempotency-Key belongs to; the captcha token travels beside it and may differ from try to
 * try.
 */
export type LeadBody = LeadDraft & LeadContext;

export interface LeadAnswer {
  id: string;
  status: "RECEIVED";
  quote?: { total: Money } | null;
}

export interface FieldProblem {
  pointer: string;
  code: string;
  detail: string;
}

/** RFC 9457 problem details with Plumbline's own members. */
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
