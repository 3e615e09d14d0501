// Staff's desk: its sections, each loaded when it is first opened, and the way between them.
import type { ComponentType, LazyExoticComponent, ReactElement } from "react";
import { lazy, Suspense } from "react";
import { Route, useLocation } from "wouter";

import { Page } from "@/app/Frame";
import { NotFound } from "@/app/NotFound";
import type { Messages } from "@/shared/i18n/i18n";
import { useMessages } from "@/shared/i18n/i18n";
import { Loading } from "@/shared/ui/states";
import { Ways } from "@/shared/ui/Ways";

import "./desk.css";

const MESSAGES = {
  en: {
    label: "Sections of the desk",
    overview: "Overview",
    leads: "Leads",
    catalogue: "Catalogue",
    queues: "Queues",
    "rate-limits": "Rate limits",
    rankings: "Rankings",
    sheets: "Google Sheet",
    circuits: "Circuits",
    webhooks: "Webhooks",
    staff: "Staff",
    alerts: "Alerts",
    audit: "Audit",
  },
  vi: {
    label: "Các mục của bàn làm việc",
    overview: "Tổng quan",
    leads: "Yêu cầu",
    catalogue: "Danh mục",
    queues: "Hàng đợi",
    "rate-limits": "Giới hạn truy cập",
    rankings: "Xếp hạng",
    sheets: "Google Sheet",
    circuits: "Cầu dao",
    webhooks: "Webhook",
    staff: "Nhân viên",
    alerts: "Cảnh báo",
    audit: "Nhật ký thao tác",
  },
} satisfies Messages<string>;

interface Section {
  name: keyof (typeof MESSAGES)["en"];
  href: string;
  /** Where its page is shown: its address and those below it. */
  path: string;
  page: LazyExoticComponent<ComponentType>;
}

/** The section *name* at /admin/<name>, with the addresses below it. */
function section(name: Section["name"], load: () => Promise<{ default: ComponentType }>): Section {
  return { name, href: `/admin/${name}`, path: `/admin/${name}/*?`, page: lazy(load) };
}

/** In the order of the navigation. A section's page is the default export of its feature's file. */
const SECTIONS: Section[] = [
  {
    name: "overview",
    href: "/admin",
    path: "/admin",
    page: lazy(() => import("@/features/overview/OverviewPage")),
  },
  section("leads", () => import("@/features/leads/LeadsPage")),
  section("catalogue", () => import("@/features/catalogue/CataloguePage")),
  section("queues", () => import("@/features/queues/QueuesPage")),
  section("rate-limits", () => import("@/features/rate-limits/RateLimitsPage")),
  section("rankings", () => import("@/features/rankings/RankingsPage")),
  section("sheets", () => import("@/features/sheets/SheetsPage")),
  section("circuits", () => import("@/features/circuits/CircuitsPage")),
  section("webhooks", () => import("@/features/webhooks/WebhooksPage")),
  section("staff", () => import("@/features/staff/StaffPage")),
  section("alerts", () => import("@/features/alerts/AlertsPage")),
  section("audit", () => import("@/features/audit/AuditPage")),
];

/** The section to which *address* belongs. */
function sectionAt(address: string): Section | undefined {
  return SECTIONS.find(
    ({ href }) => address === href || (href !== "/admin" && address.startsWith(`${href}/`)),
  );
}

export default function Desk(): ReactElement {
  const t = useMessages(MESSAGES);
  const [address] = useLocation();
  const open = sectionAt(address);
  if (!open) return <NotFound />;
  const ways = SECTIONS.map((one) => ({ href: one.href, label: t(one.name), isShown: one === open }));
  return (
    <Page wide>
      <div className="desk">
        <Ways label={t("label")} className="sections" ways={ways} />
        <div className="desk__page">
          <Suspense fallback={<Loading lines={6} />}>
            <Route path={open.path} component={open.page} />
          </Suspense>
        </div>
      </div>
    </Page>
  );
}
