/**
 * The client's XML is at fault. `code`: the stream error to answer with (RFC 6120 §4.9.3; `invalid-xml` as captured).
 */
export class XmlError extends Error {
  readonly code: 'invalid-xml' | 'restricted-xml' | 'bad-namespace-prefix' | 'policy-violation';

  constructor(code: XmlError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
