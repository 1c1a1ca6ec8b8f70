/** The peer's fault: what it sent cannot be a stream of ours. `condition` is what we tell it (RFC 6120 §4.9.3). */
export class StreamViolation extends Error {
  readonly condition:
    | 'bad-format'
    | 'not-well-formed'
    | 'restricted-xml'
    | 'policy-violation'
    | 'unsupported-encoding'
    | 'invalid-namespace';

  constructor(condition: StreamViolation['condition'], message: string) {
    super(message);
    this.name = 'StreamViolation';
    this.condition = condition;
  }
}
