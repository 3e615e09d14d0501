// How long the pages wait for what (R9).
export const AREA_DEBOUNCE_MS = 300;
export const SEARCH_DEBOUNCE_MS = 500;
export const SCROLL_THROTTLE_MS = 100;
export const RESIZE_THROTTLE_MS = 100;
