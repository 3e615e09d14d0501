// The API's own English sentences about fields and states, told in Vietnamese. Where {0} or {1} stands the
// sentence has a value, which is told as well. The first row that fits counts, so the wider ones stand last.
// The test beside this file fails for a sentence of the server's code that no row fits.
import type { Language } from "@/shared/i18n/i18n";
import { LEAD_WORDS } from "@/shared/lead/statuses";

type Row = readonly [english: string, vietnamese: string];

export const ROWS: readonly Row[] = [
  // What every body can have wrong.
  ["This field is required.", "Mục này là bắt buộc."],
  ["This field is not known here; remove it.", "Mục này không có ở đây; hãy bỏ đi."],
  ["This must not be empty.", "Mục này không được để trống."],
  ["This must be a single line.", "Mục này chỉ được có một dòng."],
  ["Control characters are not allowed here.", "Không được dùng ký tự điều khiển ở đây."],
  ["Use at least {0} characters.", "Dùng ít nhất {0} ký tự."],
  ["Use at most {0} characters.", "Dùng nhiều nhất {0} ký tự."],
  ["Use at most {0} entries.", "Chọn nhiều nhất {0} mục."],
  ["Use at most 200 characters, all of them printable.", "Dùng nhiều nhất 200 ký tự, đều in được."],
  ["Use {0} to {1} characters.", "Dùng từ {0} đến {1} ký tự."],
  ["Give a number.", "Hãy nhập một số."],
  ["Give a number, like 20 or 20.5.", "Hãy nhập một số, ví dụ 20 hoặc 20.5."],
  ["Give a whole number from 1 to {0}.", "Hãy nhập một số nguyên từ 1 đến {0}."],
  ["This must be from {0} to {1}.", "Giá trị phải từ {0} đến {1}."],
  ["This must match {0}.", "Giá trị phải theo mẫu {0}."],
  ["This is one of {0}.", "Hãy chọn một trong: {0}."],
  [
    "This is not in the right form; an e-mail address is like name@example.com, a phone number like 0912 345 678.",
    "Mục này chưa đúng dạng; email có dạng name@example.com, số điện thoại có dạng 0912 345 678.",
  ],
  [
    "This is not a phone number that can be called; write it like 0912 345 678 or +84 912 345 678.",
    "Số điện thoại này không gọi được; hãy viết như 0912 345 678 hoặc +84 912 345 678.",
  ],
  // The same in Pydantic's words.
  ["Decimal input should have no more than {0} decimal places", "Nhiều nhất {0} chữ số thập phân."],
  ["Decimal input should have no more than {0} digits in total", "Nhiều nhất {0} chữ số."],
  ["Input should be greater than or equal to {0}", "Giá trị không được nhỏ hơn {0}."],
  ["Input should be greater than {0}", "Giá trị phải lớn hơn {0}."],
  ["Input should be less than or equal to {0}", "Giá trị không được lớn hơn {0}."],
  ["Input should be a valid UUID, {0}", "Đây không phải là một mã UUID."],
  ["UUID input should be a string, bytes or UUID object", "Đây không phải là một mã UUID."],
  ["Input should be a valid boolean", "Hãy chọn có hoặc không (true, false)."],
  ["Input should be a valid boolean, {0}", "Hãy chọn có hoặc không (true, false)."],
  ["Input should be a valid integer", "Hãy nhập một số nguyên."],
  ["Input should be a valid integer, {0}", "Hãy nhập một số nguyên."],
  ["Input should be a valid string", "Hãy nhập văn bản."],
  ["Input should be a valid array", "Cần một danh sách."],
  ["Input should be a valid list", "Cần một danh sách."],
  ["Input should be a valid tuple", "Cần một danh sách."],
  ["Input should be a valid dictionary or {0}", "Cần một đối tượng có các mục riêng."],
  ["Input should be an object", "Cần một đối tượng có các mục riêng."],
  ["Input should be {0}", "Hãy chọn: {0}."],
  // Queries.
  ["There is no such parameter.", "Không có tham số này."],
  ["Give this parameter once.", "Chỉ dùng tham số này một lần."],
  ["Give an id, which is a UUID.", "Hãy nhập một mã UUID."],
  ["Give one UUID.", "Hãy nhập một mã UUID."],
  [
    "Give a day, like 2026-01-31, or an instant, like 2026-01-31T09:30:00Z.",
    "Hãy nhập một ngày, ví dụ 2026-01-31, hoặc một thời điểm, ví dụ 2026-01-31T09:30:00Z.",
  ],
  [
    "Give the nextCursor of an earlier page as it was, or none.",
    "Hãy dùng đúng nextCursor của trang trước, hoặc bỏ trống.",
  ],
  ["`next` may have {0} characters.", "`next` có nhiều nhất {0} ký tự."],
  ["`next` must be a path of this site.", "`next` phải là đường dẫn trong trang này."],
  // Quotes and leads.
  ["We may only take your request with your consent.", "Chúng tôi chỉ có thể nhận yêu cầu khi bạn đồng ý."],
  ["Tell us in 10 to 2,000 characters what you need.", "Hãy cho biết bạn cần gì, từ 10 đến 2.000 ký tự."],
  ["A {0} needs its quote.", "{0} cần có báo giá."],
  ["A {0} takes a quote of kind {1}.", "{0} cần báo giá loại {1}."],
  [
    "We have no price for this area; give another one, or write to us without a quote.",
    "Chúng tôi chưa có giá cho diện tích này; hãy nhập diện tích khác, hoặc viết cho chúng tôi không kèm báo giá.",
  ],
  ["There is no such material in this category.", "Hạng mục này không có vật liệu đó."],
  ["This material is chosen twice.", "Vật liệu này được chọn hai lần."],
  ["Give its length in metres.", "Hãy nhập chiều dài bằng mét."],
  [
    "This product is priced by the square metre; give its width in metres.",
    "Sản phẩm này tính giá theo mét vuông; hãy nhập chiều rộng bằng mét.",
  ],
  ["There is no such {0}.", "Không có {0} này."],
  // The work on leads.
  ["A lead that is {0} cannot become {1}; it can become {2}.", "Yêu cầu đang {0} không thể thành {1}; chỉ có thể thành {2}."],
  ["This lead is erased, so nothing of it can be changed any more.", "Yêu cầu này đã bị xóa nên không thể thay đổi gì nữa."],
  ["This lead is held back; release or reject it first.", "Yêu cầu này đang bị giữ lại; hãy cho qua hoặc từ chối trước."],
  [
    "This lead is {0}; only one that is QUARANTINED can be released or rejected.",
    "Yêu cầu này đang {0}; chỉ yêu cầu đang giữ lại mới có thể cho qua hoặc từ chối.",
  ],
  ["{0} lead is {1}; release it before you merge.", "Yêu cầu {0} đang {1}; hãy cho qua trước khi gộp."],
  ["Name another lead than the one in the address.", "Hãy chọn một yêu cầu khác với yêu cầu đang mở."],
  [
    "A lead can only be given to a manager or an administrator with a confirmed address.",
    "Chỉ có thể giao yêu cầu cho quản lý hoặc quản trị viên đã xác nhận địa chỉ.",
  ],
  // Accounts.
  ["This link is not valid any more; please ask for a new one.", "Liên kết này không còn hiệu lực; hãy yêu cầu liên kết mới."],
  ["Many people use this password; choose another.", "Nhiều người dùng mật khẩu này; hãy chọn mật khẩu khác."],
  [
    "This is little more than a name; choose another password.",
    "Mật khẩu này gần như chỉ là một cái tên; hãy chọn mật khẩu khác.",
  ],
  [
    "This is the last account that can administer; make another first.",
    "Đây là tài khoản quản trị cuối cùng; hãy tạo một tài khoản khác trước.",
  ],
  // The catalogue.
  ["A code has up to 20 capitals, digits and hyphens, like VN-HN.", "Mã có tối đa 20 chữ hoa, chữ số và gạch nối, ví dụ VN-HN."],
  [
    "A tag has capitals, digits and _, like TILE_LABOUR; AREA is the visitor's own.",
    "Nhãn gồm chữ hoa, chữ số và _, ví dụ TILE_LABOUR; AREA là diện tích của khách.",
  ],
  ["Our prices are in {0}.", "Giá của chúng tôi tính bằng {0}."],
  ["Give the amount as text of up to 12 digits, like 1250000.", "Hãy nhập số tiền tối đa 12 chữ số, ví dụ 1250000."],
  ["Give an amount and its currency, like {0}.", "Hãy nhập số tiền và loại tiền, ví dụ {0}."],
  ["An amount in {0} has {1} digits behind the point.", "Số tiền bằng {0} có {1} chữ số sau dấu thập phân."],
  ["At most 100 per cent.", "Nhiều nhất 100 phần trăm."],
  ["There is a {0} with this {1} already; choose another {2}.", "Đã có {0} với {1} này; hãy chọn {2} khác."],
  [
    "{0} materials go with this category alone; move or delete them first.",
    "{0} vật liệu chỉ thuộc hạng mục này; hãy chuyển hoặc xóa chúng trước.",
  ],
  ["{0} regions are inside this one; move or delete them first.", "Có {0} khu vực nằm trong khu vực này; hãy chuyển hoặc xóa chúng trước."],
  [
    "{0} contractors work in this region; give them another one first.",
    "Có {0} nhà thầu làm việc trong khu vực này; hãy chuyển họ sang khu vực khác trước.",
  ],
  [
    "Regions have two levels: name one of the upper level, and for one that has none inside it.",
    "Khu vực có hai cấp: hãy chọn một khu vực cấp trên, và chỉ cho khu vực không chứa khu vực khác.",
  ],
  // Formulas.
  ["The formula of {0} uses {1}; change that formula first.", "Công thức của {0} dùng {1}; hãy sửa công thức đó trước."],
  ["The formula of {0} cannot be used with it: {1}", "Không thể dùng công thức của {0} với giá này: {1}"],
  ["The formula uses {0}, but the unit prices are {1}.", "Công thức dùng {0}, nhưng các đơn giá là {1}."],
  ["The formula gives a price below zero for an area of {0} m².", "Công thức cho giá dưới 0 với diện tích {0} m²."],
  ["The formula divides by zero.", "Công thức chia cho 0."],
  ["The formula ends where a number, a name or '(' should follow.", "Công thức kết thúc ở chỗ cần một số, một tên hoặc '('."],
  ["The formula is longer than {0} characters.", "Công thức dài hơn {0} ký tự."],
  ["The formula is nested too deeply.", "Công thức lồng quá nhiều lớp."],
  ["The formula's value is out of range.", "Giá trị của công thức vượt quá phạm vi."],
  ["A ')' is missing.", "Thiếu một dấu ')'."],
  ["A number, a name or '(' should stand where {0} stands.", "Ở chỗ {0} cần một số, một tên hoặc '('."],
  ["Nothing can be done with {0} here; an operator is missing.", "Không dùng được {0} ở đây; thiếu một phép toán."],
  ["{0} cannot be read; use numbers, NAMES, + - * / and ().", "Không đọc được {0}; hãy dùng số, TÊN, + - * / và ()."],
  ["{0} for an area of {1} m².", "{0} với diện tích {1} m²."],
  // Settings, jobs and files.
  ["The value of this setting is {0}.", "Giá trị của cài đặt này là {0}."],
  ["This job is {0}; only a dead one can be redriven.", "Công việc này đang {0}; chỉ công việc đã dừng hẳn mới có thể chạy lại."],
  [
    "This file could not be written; we have been told. Ask for a new one.",
    "Không ghi được tệp này; chúng tôi đã được báo. Hãy yêu cầu tệp mới.",
  ],
  // Announcements and webhooks.
  ["Nobody has this id.", "Không ai có mã này."],
  ["Name each one once.", "Mỗi mục chỉ nêu một lần."],
  ["Name each event once.", "Mỗi sự kiện chỉ nêu một lần."],
  ["The address must begin with https://.", "Địa chỉ phải bắt đầu bằng https://."],
  ["This is not an address of the web.", "Đây không phải là địa chỉ web."],
  ["This host is not on the public internet.", "Máy chủ này không nằm trên internet công cộng."],
  ["Leave out name, password and fragment.", "Hãy bỏ tên, mật khẩu và phần sau dấu #."],
  ["Use port 443, or one from 1024 on.", "Hãy dùng cổng 443, hoặc từ 1024 trở lên."],
  [
    "Write the address in at most 2,000 plain characters without spaces.",
    "Hãy viết địa chỉ bằng nhiều nhất 2.000 ký tự thường, không có khoảng trắng.",
  ],
  [
    "Give the host by its name, or by an address in its usual writing.",
    "Hãy nêu máy chủ bằng tên, hoặc bằng địa chỉ viết theo cách thông thường.",
  ],
  ["There may be {0} webhooks; delete one that is not needed.", "Chỉ được có {0} webhook; hãy xóa một webhook không cần nữa."],
  ["The webhook is switched off; switch it on first.", "Webhook đang tắt; hãy bật lên trước."],
  [
    "It is being delivered already; wait until it is delivered or failed.",
    "Thông báo đang được gửi; hãy đợi đến khi gửi xong hoặc thất bại.",
  ],
];

// Words of the server's that stand as values in its sentences.
const WORDS = new Map<string, string>([
  ...Object.entries(LEAD_WORDS.vi),
  ["service category", "hạng mục"],
  ["material", "vật liệu"],
  ["region", "khu vực"],
  ["unit price", "đơn giá"],
  ["product", "sản phẩm"],
  ["fee", "phụ phí"],
  ["lead", "yêu cầu"],
  ["name", "tên"],
  ["code", "mã"],
  ["tag", "nhãn"],
  ["This", "này"],
  ["The other", "kia"],
  ["a text", "văn bản"],
  ["a whole number", "số nguyên"],
  ["a number", "số"],
  ["true or false", "true hoặc false"],
  ["being redriven by somebody else", "được người khác chạy lại"],
  ["waiting", "chờ"],
  ["running", "chạy"],
  ["retrying", "chờ thử lại"],
  ["deferred", "tạm hoãn"],
  ["done", "ở trạng thái xong"],
]);

// Names of the API's, quoted or in capitals: 'en' or 'vi'.
const CHOICE = /^(?:'[\w.]+'|[A-Z_]+)(?:(?:, | or )(?:'[\w.]+'|[A-Z_]+))+$/;

function patternOf(english: string): RegExp {
  const literal = english.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join("(.+)")}$`, "s");
}

let patterns: (readonly [RegExp, Row])[] | null = null;

/** The row that tells *english*, and the values that stand in it; null when it is no sentence of ours. */
export function rowFor(english: string): { row: Row; values: string[] } | null {
  patterns ??= ROWS.map((row) => [patternOf(row[0]), row]);
  for (const [pattern, row] of patterns) {
    const found = pattern.exec(english);
    if (found) return { row, values: found.slice(1) };
  }
  return null;
}

/** *english* in Vietnamese; null when it is no sentence of ours. */
export function inVietnamese(english: string): string | null {
  const found = rowFor(english);
  if (!found) return null;
  return found.row[1].replace(/\{(\d)\}/g, (_whole, place: string) => valueOf(found.values[Number(place)] ?? ""));
}

/** A value is a word of ours, a sentence with or without its full stop, a choice of names, or someone's own. */
function valueOf(value: string): string {
  const sentence = inVietnamese(value) ?? inVietnamese(`${value}.`)?.replace(/\.$/, "");
  const names = CHOICE.test(value) ? value.split(" or ") : [value];
  return sentence ?? names.map((name) => WORDS.get(name) ?? name).join(" hoặc ");
}

/** What the API says about a field or a state, in *language*; in English what has no translation. */
export function said(english: string, language: Language): string {
  return (language === "vi" ? inVietnamese(english) : null) ?? english;
}
