// The sentences of this section, in both languages by the same names.
export const MESSAGES = {
  en: {
    title: "Circuits",
    lead: "A service that fails five times in a row is left alone for 30 seconds; what needs it waits and is done afterwards.",
    none: "No service has failed since the start.",
    service: "Service",
    state: "State",
    closed: "Closed: all is well",
    half_open: "Half open: one trial call",
    open: "Open: not called",
    failures: "Failures in a row",
    opened: "Opened",
    retry: "Next trial",
    google_sheets: "Google Sheets",
    "google_sheets.waits": "While it is away, rows wait and are written afterwards; leads come in as ever.",
    email: "Mail",
    "email.waits": "While it is away, mails wait and are sent afterwards; password links, too.",
    sms: "Text messages",
    "sms.waits": "While it is away, text messages wait and are sent afterwards.",
  },
  vi: {
    title: "Cầu dao",
    lead: "Dịch vụ nào lỗi năm lần liên tiếp sẽ được để yên 30 giây; việc cần đến nó sẽ chờ và được làm sau.",
    none: "Chưa dịch vụ nào bị lỗi từ khi khởi động.",
    service: "Dịch vụ",
    state: "Trạng thái",
    closed: "Đóng: hoạt động bình thường",
    half_open: "Nửa mở: một lần gọi thử",
    open: "Mở: không gọi",
    failures: "Số lỗi liên tiếp",
    opened: "Mở lúc",
    retry: "Lần thử kế tiếp",
    google_sheets: "Google Sheets",
    "google_sheets.waits":
      "Khi không phản hồi, các dòng chờ và được ghi sau; yêu cầu mới vẫn được nhận như thường.",
    email: "Email",
    "email.waits": "Khi không phản hồi, thư chờ và được gửi sau, kể cả liên kết đặt lại mật khẩu.",
    sms: "Tin nhắn",
    "sms.waits": "Khi không phản hồi, tin nhắn chờ và được gửi sau.",
  },
};

/** Whether people have a name for the service *name*. */
export function isNamed(name: string): name is "google_sheets" | "email" | "sms" {
  return `${name}.waits` in MESSAGES.en;
}
