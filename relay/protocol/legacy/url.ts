/** Tables 2a–2c: what starts like a URL must be one. Browsers skip leading white space. */
const URL_LIKE = /^\s*(?:[a-z][a-z0-9+.-]*:|\/\/)/i;
export const isUrlLike = (text: string): boolean => URL_LIKE.test(text);

/** Not documented; browsers and proxies have limits of about this size. */
export const MAX_URL_BYTES = 2048;

/**
 * The longest name in the DNS. `new URL` takes time quadratic in the length of a label of many different characters
 * (punycode, RFC 3492): 25 ms for 4 000 of them.
 */
const MAX_HOST_LENGTH = 255;
const HOST = /^[\0-\x20]*(?:https?|wss?|ftp|file):[/\\]*([^/\\?#]*)/i;

export function isUrl(text: string): boolean {
  const host = HOST.exec(text.replace(/[\t\n\r]/g, ''))?.[1] ?? ''; // removed first by the URL standard
  return host.length <= MAX_HOST_LENGTH && URL.canParse(text);
}

export const isHttpsUrl = (text: string): boolean => /^https:\/\//i.test(text) && isUrl(text);
