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
  },
};
