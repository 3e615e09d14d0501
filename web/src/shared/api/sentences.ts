// What went wrong, as a person is told: one sentence and what to do about it, for every code of the API.
// The codes are the API's own (`/openapi.json`), so that a new one without a sentence does not compile.
import { useCallback } from "react";

import type { Language } from "@/shared/i18n/i18n";
import { useI18n } from "@/shared/i18n/i18n";

import { ApiError, Unreachable } from "./client.ts";
import { said } from "./inVietnamese.ts";
import type { Schemas } from "./operations.ts";
import type { Problem } from "./types.ts";

export type Code = Schemas["Problem"]["code"] | "METHOD_NOT_ALLOWED";

type Sentences = Record<Code | "UNREACHABLE" | "UNKNOWN", string>;

const EN: Sentences = {
  BAD_REQUEST: "The server could not read this request. Please load the page again.",
  PAYLOAD_TOO_LARGE: "This is too long to be sent. Please shorten it.",
  UNSUPPORTED_MEDIA_TYPE: "The server does not read this kind of content. Please load the page again.",
  METHOD_NOT_ALLOWED: "This cannot be done here. Please load the page again.",
  VALIDATION_ERROR: "Some entries need a second look.",
  CAPTCHA_FAILED: "The security check was not passed. Please try again.",
  CAPTCHA_UNAVAILABLE: "The security check does not answer at the moment. Please try again in a minute.",
  IDEMPOTENCY_KEY_INVALID: "The server could not take this request. Please load the page again.",
  IDEMPOTENCY_KEY_REUSED: "This was sent before with other entries. Please send it again.",
  REQUEST_IN_PROGRESS: "Your first request is still being worked on.",
  RATE_LIMITED: "There were too many requests from your connection. Please wait a little.",
  RATE_LIMITED_USER: "There were too many requests from your account. Please wait a little.",
  UNAUTHENTICATED: "Please sign in.",
  FORBIDDEN: "Your account may not do this.",
  NOT_FOUND: "This does not exist, or no longer.",
  CONFLICT: "This cannot be done in the present state. Please look at it again.",
  DATABASE_BUSY: "The server is very busy. Please try again in a moment.",
  LOCK_TIMEOUT: "The same work is under way already. Please try again in a moment.",
  QUEUE_FULL: "Too much is waiting to be done. Please try again in a few minutes.",
  SERVICE_UNAVAILABLE: "A service behind this is away at the moment. Please try again in a minute.",
  INTERNAL_ERROR: "Something went wrong on our side. Please try again, and tell us if it stays.",
  UNREACHABLE: "No connection to the server. Please check your network and try again.",
  UNKNOWN: "This did not work. Please try again.",
};

const VI: Sentences = {
  BAD_REQUEST: "Máy chủ không đọc được yêu cầu này. Vui lòng tải lại trang.",
  PAYLOAD_TOO_LARGE: "Nội dung quá dài để gửi. Vui lòng rút gọn.",
  UNSUPPORTED_MEDIA_TYPE: "Máy chủ không đọc được loại nội dung này. Vui lòng tải lại trang.",
  METHOD_NOT_ALLOWED: "Không thể làm việc này ở đây. Vui lòng tải lại trang.",
  VALIDATION_ERROR: "Một vài mục cần được xem lại.",
  CAPTCHA_FAILED: "Chưa vượt qua bước kiểm tra bảo mật. Vui lòng thử lại.",
  CAPTCHA_UNAVAILABLE: "Bước kiểm tra bảo mật hiện không phản hồi. Vui lòng thử lại sau một phút.",
  IDEMPOTENCY_KEY_INVALID: "Máy chủ không nhận được yêu cầu này. Vui lòng tải lại trang.",
  IDEMPOTENCY_KEY_REUSED: "Yêu cầu này đã được gửi với nội dung khác. Vui lòng gửi lại.",
  REQUEST_IN_PROGRESS: "Yêu cầu đầu tiên của bạn vẫn đang được xử lý.",
  RATE_LIMITED: "Có quá nhiều yêu cầu từ kết nối của bạn. Vui lòng đợi một lát.",
  RATE_LIMITED_USER: "Có quá nhiều yêu cầu từ tài khoản của bạn. Vui lòng đợi một lát.",
  UNAUTHENTICATED: "Vui lòng đăng nhập.",
  FORBIDDEN: "Tài khoản của bạn không được phép làm việc này.",
  NOT_FOUND: "Mục này không tồn tại hoặc không còn nữa.",
  CONFLICT: "Không thể thực hiện ở trạng thái hiện tại. Vui lòng xem lại.",
  DATABASE_BUSY: "Máy chủ đang rất bận. Vui lòng thử lại sau giây lát.",
  LOCK_TIMEOUT: "Công việc này đang được thực hiện. Vui lòng thử lại sau giây lát.",
  QUEUE_FULL: "Có quá nhiều việc đang chờ. Vui lòng thử lại sau vài phút.",
  SERVICE_UNAVAILABLE: "Một dịch vụ liên quan hiện không hoạt động. Vui lòng thử lại sau một phút.",
  INTERNAL_ERROR: "Đã có lỗi từ phía chúng tôi. Vui lòng thử lại, và cho chúng tôi biết nếu vẫn lỗi.",
  UNREACHABLE: "Không kết nối được máy chủ. Vui lòng kiểm tra mạng và thử lại.",
  UNKNOWN: "Chưa thực hiện được. Vui lòng thử lại.",
};

const SENTENCES: Record<Language, Sentences> = { en: EN, vi: VI };

/** The codes that there are sentences for. */
export const CODES = Object.keys(EN) as (keyof Sentences)[];

const WAIT: Record<Language, (seconds: number) => string> = {
  en: (seconds) => ` You can try again in ${seconds} s.`,
  vi: (seconds) => ` Bạn có thể thử lại sau ${seconds} giây.`,
};

// Here the API's own sentence says which entry, or which state, is in the way; staff are told it as well.
const SAYS_MORE = new Set(["VALIDATION_ERROR", "CONFLICT"]);

/** The sentence for *code* in *language*. */
export function sentenceOf(code: string, language: Language): string {
  const sentences = new Map<string, string>(Object.entries(SENTENCES[language]));
  return sentences.get(code) ?? SENTENCES[language].UNKNOWN;
}

function reasonsOf(problem: Problem, language: Language): string {
  if (!SAYS_MORE.has(problem.code)) return "";
  const named = problem.errors.map(({ pointer, detail }) => {
    const sentence = said(detail, language);
    return pointer ? `${pointer}: ${sentence}` : sentence;
  });
  return named.length > 0 ? ` (${named.join(" ")})` : ` (${said(problem.detail ?? "", language)})`;
}

/** What went wrong with a call, for people; with the wait that the API asks for. */
export function explain(reason: unknown, language: Language): string {
  if (reason instanceof Unreachable) return sentenceOf("UNREACHABLE", language);
  if (!(reason instanceof ApiError)) return sentenceOf("UNKNOWN", language);
  const wait = reason.retryAfterS === null ? "" : WAIT[language](Math.max(1, reason.retryAfterS));
  return sentenceOf(reason.problem.code, language) + reasonsOf(reason.problem, language) + wait;
}

/** `explain` in the language of the page. */
export function useExplain(): (reason: unknown) => string {
  const { language } = useI18n();
  return useCallback((reason: unknown) => explain(reason, language), [language]);
}
