/** Tables 2a–2c: what begins like a URL must be one. The leading white space is what browsers skip. */
const URL_LIKE = /^\s*(?:[a-z][a-z0-9+.-]*:|\/\/)/i;
export const isUrlLike = (text: string): boolean => URL_LIKE.test(text);

/** Not in the documents; browsers and proxies have limits about here. */
export const MAX_URL_BYTES = 2048;

/**
 * Where a scheme has a host that stands in the DNS, no name there is longer than this. `new URL` takes time by the
 * square of a label of many different characters (punycode, RFC 3492): 25 ms for 4 000 of them.
 */
const MAX_HOST_LENGTH = 255;
const HOST = /^[\0-\x20]*(?:https?|wss?|ftp|file):[/\\]*([^/\\?#]*)/i;

export function isUrl(text: string): boolean {
  const host = HOST.exec(text.replace(/[\t\n\r]/g, ''))?.[1] ?? ''; // which the URL standard takes out first
  return host.length <= MAX_HOST_LENGTH && URL.canParse(text);
}

export const isHttpsUrl = (text: string): boolean => /^https:\/\//i.test(text) && isUrl(text);
