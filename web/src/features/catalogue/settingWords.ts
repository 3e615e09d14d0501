// What settings are called and what they are about. A setting that is newer than this page goes by its key and
// by the API's own sentence.
import { useI18n } from "@/shared/i18n/i18n";

interface Words {
  /** By key. */
  names: Record<string, string>;
  /** By key; in English the API says it. */
  about: Record<string, string>;
  /** Of the values of a choice. */
  values: Record<string, string>;
}

const EN: Words = {
  names: {
    companyName: "Company name",
    companyPhone: "Company phone",
    consentText: "Consent text",
    consentVersion: "Consent version",
    furnitureQuotesOpen: "Furniture quotes",
    leadAssignment: "Who gets new leads",
    leadRetentionDays: "Days that leads are kept",
    leadSlaMinutes: "Minutes to the first contact",
    serviceHours: "Service hours",
    spamRetentionDays: "Days that spam is kept",
  },
  about: {},
  values: {
    none: "nobody by themselves",
    round_robin: "each manager in turn",
    least_busy: "who has the fewest open",
  },
};

const VI: Words = {
  names: {
    companyName: "Tên công ty",
    companyPhone: "Điện thoại công ty",
    consentText: "Nội dung đồng ý",
    consentVersion: "Phiên bản nội dung đồng ý",
    furnitureQuotesOpen: "Báo giá nội thất",
    leadAssignment: "Ai nhận yêu cầu mới",
    leadRetentionDays: "Số ngày lưu yêu cầu",
    leadSlaMinutes: "Số phút đến lần liên hệ đầu",
    serviceHours: "Giờ phục vụ",
    spamRetentionDays: "Số ngày lưu thư rác",
  },
  about: {
    companyName: "Tên của chúng ta trên mọi trang.",
    companyPhone: "Số mà khách có thể gọi.",
    consentText: "Điều khách đồng ý khi gửi biểu mẫu.",
    consentVersion: "Phiên bản của nội dung đồng ý.",
    furnitureQuotesOpen: "Trang có nhận báo giá nội thất hay không.",
    leadAssignment:
      "Quản lý nào được giao yêu cầu mới: không ai, lần lượt từng người, hay người đang có ít việc nhất.",
    leadRetentionDays: "Dữ liệu cá nhân được lưu bao nhiêu ngày sau lần gửi hoặc thay đổi cuối cùng.",
    leadSlaMinutes: "Sau bao nhiêu phút chưa liên hệ thì có cảnh báo về yêu cầu.",
    serviceHours: "Khi nào có người nghe máy ở số đó.",
    spamRetentionDays: "Dữ liệu cá nhân được lưu bao nhiêu ngày sau khi bị coi là thư rác.",
  },
  values: {
    none: "không tự giao cho ai",
    round_robin: "lần lượt từng quản lý",
    least_busy: "người đang có ít việc nhất",
  },
};

interface SettingWords {
  nameOf: (setting: { key: string }) => string;
  about: (setting: { key: string; description: string }) => string;
  valueName: (value: string) => string;
}

export function useSettingWords(): SettingWords {
  const { language } = useI18n();
  const words = language === "vi" ? VI : EN;
  return {
    nameOf: ({ key }) => words.names[key] ?? key,
    about: ({ key, description }) => words.about[key] ?? description,
    valueName: (value) => words.values[value] ?? value,
  };
}
