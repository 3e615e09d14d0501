// One lead and its journey as the API tells them.
const BY = { id: "0190a000-0000-7000-8000-000000000002", email: "manager@plumbline.test", role: "MANAGER" };

export const LEAD_ID = "0190a000-0000-7000-8000-0000000000a1";

export const ROW = {
  id: LEAD_ID,
  status: "NEW",
  source: "QUOTE_FORM",
  name: "Trần Văn Minh",
  phone: "+84912345610",
  email: "minh@example.com",
  content: "Sửa nhà bếp.",
  quote: null,
  submissionCount: 1,
  assignedTo: null,
  createdAt: "2026-01-05T02:00:00Z",
  correlationId: "corr-1",
};

export const LEAD = {
  ...ROW,
  locale: "vi",
  submissions: [
    {
      id: LEAD_ID,
      name: "Trần Văn Minh",
      email: "minh@example.com",
      content: "Sửa nhà bếp.",
      quote: {
        area: 24,
        category: { id: "c", name: "Sơn nhà", coefficient: 1 },
        priceWithCoefficient: { amount: "1560000", currency: "VND" },
        materials: [{ id: "m", name: "Sơn cao cấp", cost: { amount: "912000", currency: "VND" } }],
        total: { amount: "2472000", currency: "VND" },
      },
      quarantineReasons: [],
      createdAt: "2026-01-05T02:00:00Z",
      correlationId: "corr-1",
    },
  ],
  statusHistory: [],
  notes: [{ id: "n1", at: "2026-01-05T03:00:00Z", by: BY, text: "Gọi sau năm giờ." }],
  related: [],
  firstContactAt: null,
  consent: { version: "2026-01", accepted: true, at: "2026-01-05T02:00:00Z" },
  utm: { first: { source: "google" } },
  erasedAt: null,
};

type Event = Record<string, unknown>;

function event(second: number, kind: string, status: string, more: Event = {}): Event {
  const at = `2026-01-05T02:00:${String(second).padStart(2, "0")}Z`;
  return { at, kind, status, queue: null, jobId: null, attempt: null, detail: null, correlationId: "corr-1", ...more };
}

const sheet = (attempt: number): Event => ({ queue: "sync", jobId: "job-1", attempt });

export const EVENTS = [
  event(0, "request", "received", { detail: "POST /leads, QUOTE_FORM" }),
  event(0, "lead", "stored"),
  event(0, "job", "queued", { ...sheet(1), detail: "google_sheets: bring the lead to the sheet" }),
  event(1, "job", "started", sheet(1)),
  event(2, "job", "failed", { ...sheet(1), detail: "503" }),
  event(3, "job", "started", sheet(2)),
  event(4, "delivery", "completed", { ...sheet(2), detail: "Row 3 of the sheet says it" }),
  event(4, "job", "completed", sheet(2)),
  event(30, "staff", "changed", {
    correlationId: "corr-2",
    detail: "lead.changed by a person (MANAGER): assignedTo nobody → 0190a000-0000-7000-8000-000000000002, status NEW → CONTACTED",
  }),
];

export const STAFF = [
  { id: "0190a000-0000-7000-8000-000000000002", name: "Lan", email: "manager@plumbline.test", role: "MANAGER" },
];
