// What a lead can be and where it came from, in staff's words.
import type { ItemOf } from "@/shared/api/operations";
import type { Tone } from "@/shared/ui/Badge";

export type LeadRow = ItemOf<"/admin/leads">;
export type Status = LeadRow["status"];
export type Source = LeadRow["source"];

export const STATUSES: readonly Status[] = [
  "NEW",
  "CONTACTED",
  "CONVERTED",
  "CANCELLED",
  "QUARANTINED",
  "SPAM",
];
export const SOURCES: readonly Source[] = ["QUOTE_FORM", "FURNITURE_QUOTE", "CONTACT_FORM"];

export const STATUS_TONES: Record<Status, Tone> = {
  NEW: "accent",
  CONTACTED: "neutral",
  CONVERTED: "good",
  CANCELLED: "neutral",
  QUARANTINED: "warning",
  SPAM: "wrong",
};

export const LEAD_WORDS: Record<"en" | "vi", Record<Status | Source, string>> = {
  en: {
    NEW: "New",
    CONTACTED: "Contacted",
    CONVERTED: "Converted",
    CANCELLED: "Cancelled",
    QUARANTINED: "In quarantine",
    SPAM: "Spam",
    QUOTE_FORM: "Calculator",
    FURNITURE_QUOTE: "Furniture quote",
    CONTACT_FORM: "Contact form",
  },
  vi: {
    NEW: "Mới",
    CONTACTED: "Đã liên hệ",
    CONVERTED: "Đã chốt",
    CANCELLED: "Đã hủy",
    QUARANTINED: "Đang giữ lại",
    SPAM: "Thư rác",
    QUOTE_FORM: "Tính giá",
    FURNITURE_QUOTE: "Báo giá nội thất",
    CONTACT_FORM: "Liên hệ",
  },
};
