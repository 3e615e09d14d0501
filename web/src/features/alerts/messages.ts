// The sentences of this section, in both languages by the same names.
export const MESSAGES = {
  en: {
    title: "Alerts",
    lead: "What woke somebody, the latest first: the same alerts that go out by SNS.",
    none: "No alert so far.",
    at: "When",
    kind: "Kind",
    subject: "Subject",
    body: "What happened",
  },
  vi: {
    title: "Cảnh báo",
    lead: "Những gì đã báo động, mới nhất ở trên: cùng các cảnh báo được gửi qua SNS.",
    none: "Chưa có cảnh báo nào.",
    at: "Thời điểm",
    kind: "Loại",
    subject: "Tiêu đề",
    body: "Chuyện gì đã xảy ra",
  },
};
