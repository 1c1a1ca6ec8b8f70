export const DAY_SECONDS = 86_400;
export const MONTH_SECONDS = 30 * DAY_SECONDS;
export const GIB = 1024 ** 3;
export const TIB = 1024 * GIB;
