// What the browser can say about contact details before the server judges them. Lengths count characters as
// the server does (code points, surrounding blanks not counted). A phone number is only checked for being one
// at all: any usual writing passes.
const EMAIL = /^[^\s@<>()",;:\\[\]]+@[^\s@.<>()",;:\\[\]]+(\.[^\s@.<>()",;:\\[\]]+)+$/;
const PHONE = /^(tel:)?[+(]?[\d\s().\-–/·]+((ext|x|#|máy lẻ)[.:]?\s*\d{1,6})?$/i;

export function characters(text: string): number {
  return Array.from(text.trim()).length;
}

export function isName(text: string): boolean {
  const count = characters(text);
  return count >= 2 && count <= 100;
}

export function isPlausiblePhone(text: string): boolean {
  const number = text.normalize("NFKC").trim();
  const digits = number.replace(/(ext|x|#|máy lẻ).*$/i, "").replace(/\D/g, "").length;
  return PHONE.test(number) && digits >= 8 && digits <= 17;
}

export function isEmailOrEmpty(text: string): boolean {
  const address = text.trim();
  return address === "" || (address.length <= 254 && !address.includes("..") && EMAIL.test(address));
}

export function isContentOrEmpty(text: string): boolean {
  const count = characters(text);
  return count === 0 || (count >= 10 && count <= 2000);
}
